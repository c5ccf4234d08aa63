import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogKeyFile } from "../../../lib/server/room-log/log-key.ts";
import { RoomFile } from "../../../lib/server/sqlite-log/room-file.ts";
import { Stage } from "../../support/programs.ts";
import { quietPort } from "../../support/quiet-port.ts";

/** A room in a file, whose servers come one after the other on one port. */
export class KeptRoom implements AsyncDisposable {
	private constructor(
		readonly folder: string,
		private readonly isElsewhere: boolean,
		readonly stage: Stage,
		private readonly flags: string[],
	) {}

	/** `folder`: where the room file is, if not in a temporary folder of its own. */
	static async open(
		how: Parameters<typeof Stage.openWith>[0] & { folder?: string } = {},
		...more: string[]
	): Promise<KeptRoom> {
		const { folder = await mkdtemp(join(tmpdir(), "fernet-chat-kept-")) } = how;
		const flags = ["--port", String(quietPort()), "--room", join(folder, "room"), ...more];
		return new KeptRoom(
			folder,
			how.folder !== undefined,
			await Stage.openWith(how, ...flags),
			flags,
		);
	}

	/** Ends the server, and waits for that. */
	async stop(signal: NodeJS.Signals): Promise<number> {
		this.stage.server.kill(signal);
		return this.stage.server.exit();
	}

	/** Starts another server. */
	start(...more: string[]): Promise<void> {
		return this.stage.reopen(...this.flags, ...more);
	}

	/** Starts another server, and kills it so many milliseconds later, ready or not. */
	async startInVain(milliseconds: number): Promise<void> {
		await this.stage.relaunch(...this.flags);
		await Bun.sleep(milliseconds);
		await this.stop("SIGKILL");
	}

	/** What is left of the room on disk. */
	get files(): string[] {
		return readdirSync(this.folder).sort();
	}

	get file(): string {
		return join(this.folder, "room");
	}

	/** All that the key opens in the file, while no server runs, as JSON. */
	get contents(): string {
		const file = new RoomFile(this.file, new LogKeyFile(`${this.file}.key`));
		const found = [file.snapshot(), ...file.entries()].map((each) => JSON.stringify(each?.value));
		file.close();
		return found.join("\n");
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stage[Symbol.asyncDispose]();
		if (!this.isElsewhere) await rm(this.folder, { recursive: true, force: true });
	}
}
