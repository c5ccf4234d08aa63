import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addressOf, PASSWORD } from "../support/mailbox.ts";
import { Program, Stage } from "../support/programs.ts";
import { Screen } from "../support/terminal.ts";
import type { Entrant } from "./contenders/entrants.ts";
import { type Row, rows } from "./figures.ts";
import { accepts, freePort } from "./port.ts";
import { soon } from "./soon.ts";
import type { Tally } from "./tally.ts";

const TIMES = 10;
const TIMES_SHORT = 1;

/** Milliseconds from the start command until the server accepts a connection. */
async function server(keys: string): Promise<number> {
	const port = freePort();
	const began = performance.now();
	await using _ = new Program("server.ts", ["--port", String(port), "--keys", keys], {});
	await accepts(port);
	return performance.now() - began;
}

/** Milliseconds from the start command until the client shows its first prompt. */
async function client(stage: Stage): Promise<number> {
	const began = performance.now();
	await using screen = new Screen("client.ts", stage.clientArgs());
	await soon("the first prompt", () => screen.written.includes("User name"));
	return performance.now() - began;
}

/** Milliseconds from the start command until a client without a person connects. */
async function bot(stage: Stage): Promise<number> {
	const { promise: connected, resolve } = Promise.withResolvers<void>();
	using server = Bun.listen({
		...{ hostname: "127.0.0.1", port: 0 },
		socket: { open: () => resolve(), data: () => {} },
	});
	const account = ["--name", "bot", "--email", addressOf("bot"), "--keys", stage.keys];
	const args = ["--json", ...account, `127.0.0.1:${server.port}`];
	const began = performance.now();
	await using _ = new Program("client.ts", args, { FERNET_CHAT_PASSWORD: PASSWORD });
	await connected;
	return performance.now() - began;
}

/** Milliseconds of an empty program: the lower limit for every program of this runtime. */
async function runtime(): Promise<number> {
	const began = performance.now();
	await Bun.spawn([process.execPath, "--eval", "0"]).exited;
	return performance.now() - began;
}

/** How long the programs take to start. */
export async function start(_: readonly Entrant[], isShort: boolean, tally: Tally): Promise<Row[]> {
	await using stage = await Stage.open();
	const keys = await mkdtemp(join(tmpdir(), "fernet-chat-start-"));
	const [servers, clients, bots, runtimes]: [number[], number[], number[], number[]] = [
		[],
		[],
		[],
		[],
	];
	for (let i = 0; i < (isShort ? TIMES_SHORT : TIMES); i++) {
		servers.push(await tally.check("the server starts", () => server(keys)));
		clients.push(await tally.check("the client starts", () => client(stage)));
		bots.push(await tally.check("the client starts with --json", () => bot(stage)));
		runtimes.push(await runtime());
	}
	await rm(keys, { recursive: true });
	const bare = { who: "bare Bun", values: runtimes };
	const of = (what: string, size: string, values: number[]): Row[] =>
		rows({ what, unit: "ms", size }, [{ who: "fernet-chat", values }, bare]);
	return [
		...of("server's start", "to a connection", servers),
		...of("client's start", "to its prompt", clients),
		...of("client's start", "with --json, to a connection", bots),
	];
}
