import { join } from "node:path";
import { type Client, LocalClient } from "../../support/local-client.ts";
import { Program, type Stage } from "../../support/programs.ts";

/** A client that shows its room in a window. There is no screen for one: the test opens the link. */
export class WindowClient implements AsyncDisposable {
	private constructor(
		readonly client: Client,
		/** With the secret. */
		readonly link: URL,
	) {}

	/** In this process. */
	static open(stage: Stage, ...flags: string[]): Promise<WindowClient> {
		const args = ["--window", ...stage.clientArgs(...flags)];
		return WindowClient.of(stage.tidy(new LocalClient(args, configOf(stage))));
	}

	/** The same, and the client reaches the room at another address. */
	static at(stage: Stage, address: string, ...flags: string[]): Promise<WindowClient> {
		const args = ["--window", address, "--keys", stage.keys, ...flags];
		return WindowClient.of(stage.tidy(new LocalClient(args, configOf(stage))));
	}

	/** `bun client.ts`. */
	static program(stage: Stage, ...flags: string[]): Promise<WindowClient> {
		const args = ["--window", ...stage.clientArgs(...flags)];
		return WindowClient.of(stage.tidy(new Program("client.ts", args, configOf(stage))));
	}

	/** Of a client that has been started. */
	static async of(client: Client): Promise<WindowClient> {
		const link = /http:\/\/127\.0\.0\.1:\d+\/window#[\w-]{43}/;
		await client.waitForOutput(link);
		return new WindowClient(client, new URL(link.exec(client.out)?.[0] ?? ""));
	}

	get secret(): string {
		return this.link.hash.slice(1);
	}

	get port(): number {
		return Number(this.link.port);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.client[Symbol.asyncDispose]();
	}
}

/** A folder of its own for what the client keeps. */
export const configOf = (stage: Stage): { XDG_CONFIG_HOME: string } => ({
	XDG_CONFIG_HOME: join(stage.keys, "config"),
});
