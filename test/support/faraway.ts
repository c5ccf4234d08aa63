import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addressOf, PASSWORD } from "./mailbox.ts";
import type { Network } from "./network.ts";
import { Bot, Program } from "./programs.ts";

/** A room whose members share no folder with the server: they use the line that it printed. */
export class FarRoom implements AsyncDisposable {
	private constructor(
		readonly server: Program,
		/** The line, HOST:PORT#FINGERPRINT, for the members' end and for the server's end. */
		readonly lines: { readonly far: string; readonly near: string },
		readonly network: Network,
		readonly folder: string,
		readonly things: AsyncDisposableStack,
	) {}

	static async open(network: Network): Promise<FarRoom> {
		await using things = new AsyncDisposableStack();
		const folder = await mkdtemp(join(tmpdir(), "fernet-chat-far-"));
		things.defer(() => rm(folder, { recursive: true }));
		const mailbox = new Program("test/support/mailbox-program.ts", [], {}, network.server);
		things.defer(async () => {
			mailbox.endInput();
			await mailbox.exit();
		});
		await mailbox.waitForOutput("\n");
		const { url, trust } = JSON.parse(mailbox.out);
		const folders = ["--keys", join(folder, "keys"), "--state", join(folder, "state")];
		const args = ["--host", "0.0.0.0", "--port", "0", "--tls", "--smtp", url, ...folders];
		const server = things.use(new Program("server.ts", args, trust, network.server));
		await server.waitForOutput("On other devices");
		const [, port = "", fingerprint] = /bun client\.ts \S+:(\d+)#(\w+)/.exec(server.out) ?? [];
		const far = `${await network.reach(Number(port))}#${fingerprint}`;
		const near = `127.0.0.1:${port}#${fingerprint}`;
		return new FarRoom(server, { far, near }, network, folder, things.move());
	}

	/** Starts a bot with a home folder of its own, and waits for its welcome. */
	async friend(name: string, end: "far" | "near" = "far"): Promise<Bot> {
		const home = join(this.folder, name);
		const who = ["--name", name, "--email", addressOf(name)];
		// /dev/null is no folder, so the client cannot hand over its key in one.
		const args = [this.lines[end], "--keys", "/dev/null", ...who];
		const env = { HOME: home, FERNET_CHAT_PASSWORD: PASSWORD };
		const within = end === "far" ? this.network.members : this.network.server;
		const bot = this.things.use(Bot.program(args, env, within));
		await bot.waitFor({ type: "welcome" });
		return bot;
	}

	/** The files in the server's keys folder. */
	async keyFiles(): Promise<string[]> {
		return (await readdir(join(this.folder, "keys"))).filter((name) => name.endsWith(".key"));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.things[Symbol.asyncDispose]();
	}
}
