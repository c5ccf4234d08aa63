import { describe, expect, test } from "bun:test";
import {
	chmod,
	mkdir,
	mkdtemp,
	readdir,
	rm,
	stat,
	symlink,
	utimes,
	writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomId } from "../../../lib/util/random-id.ts";
import { generateKey } from "../../../lib/wire/crypto/fernet.ts";
import { KeyFolder } from "../../../lib/wire/keys/key-folder.ts";
import { eventually } from "../../support/eventually.ts";
import { listen } from "../../support/listen.ts";
import { LocalServer, type RunningServer } from "../../support/local-server.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Bot, Program, Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";

// A program that cannot start says why in one sentence, without a stack.

async function temporaryFolder() {
	const path = await mkdtemp(join(tmpdir(), "fernet-chat-start-"));
	return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** A port that nobody listens on: it was free a moment ago. */
async function closedPort(): Promise<number> {
	const server = createServer();
	const port = await listen(server);
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/** Checks that the program ends by itself with this code, and prints only this sentence. */
async function failsWith(program: RunningServer, code: number, sentence: RegExp): Promise<void> {
	expect(await program.exit()).toBe(code);
	expect(program.err).toMatch(sentence);
	expect(program.err.trimEnd().split("\n")).toHaveLength(1);
	expect(program.out).toBe("");
}

const flagsFor = (keys: string, port = 0): string[] => ["--port", String(port), "--keys", keys];
const programOn = (keys: string) => new Program("server.ts", flagsFor(keys), {});
/** In this process, which its end leaves as it was. */
const serverOn = (keys: string, port?: number) => new LocalServer(flagsFor(keys, port), {});

type Spoil = (path: string) => unknown;
const folders: [name: string, make: Spoil, sentence: RegExp][] = [
	["a file", (path) => writeFile(path, ""), /Cannot (keep keys in|use) .*keys/],
	["below a file", (path) => writeFile(join(path, ".."), ""), /Cannot (keep keys in|use) .*keys/],
	["a link to nowhere", (path) => symlink(`${path}-nowhere`, path), /Cannot (keep keys in|use)/],
	["open to others, and holds what is not ours", openToOthers, /other users .* chmod 700 .*keys/],
];

async function openToOthers(path: string): Promise<void> {
	await mkdir(path);
	await writeFile(join(path, "thesis.txt"), "");
	await chmod(path, 0o755);
}

describe("a keys folder that is", () => {
	for (const [name, spoil, sentence] of folders) {
		test(name, async () => {
			await using folder = await temporaryFolder();
			const keys = join(folder.path, "room", "keys");
			if (name !== "below a file") await mkdir(join(keys, ".."));
			await spoil(keys);
			await using server = serverOn(keys);
			await failsWith(server, 1, sentence);
		});
	}

	test("open to others, but holds nothing yet, is closed to them", async () => {
		await using folder = await temporaryFolder();
		await chmod(folder.path, 0o755);
		await using server = serverOn(folder.path);
		await server.waitForOutput("listens on");
		expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
	});

	test("full of what is not a session key, is used, and left as it was", async () => {
		await using folder = await temporaryFolder();
		const old = new Date(0);
		const kept = ["notes.txt", `${randomId()}.key.txt`, "short.key"].sort();
		for (const name of kept) await writeFile(join(folder.path, name), "", { mode: 0o600 });
		const [dead, directory] = [`${randomId()}.key`, `${randomId()}.key`];
		await writeFile(join(folder.path, dead), "");
		await mkdir(join(folder.path, directory));
		for (const name of [...kept, dead, directory]) await utimes(join(folder.path, name), old, old);

		await using server = serverOn(folder.path);
		await server.waitForOutput("listens on");
		server.kill("SIGTERM");
		expect(await server.exit()).toBe(0);
		const left = [...kept, directory, "server.lock"].sort();
		expect((await readdir(folder.path)).sort()).toEqual(left);
	});

	test("taken away while the room is open: the last one leaving ends it all the same", async () => {
		await using stage = await Stage.openWith({ isLocal: true, endsWhenEmpty: true });
		const ann = await stage.member("ann");
		await rm(stage.keys, { recursive: true });
		ann.say("still here");
		await ann.waitFor({ type: "said", text: "still here" });
		ann.endInput();
		expect(await ann.exit()).toBe(0);
		expect(await stage.server.exit()).toBe(0);
		expect(stage.server.out).toContain("The room ended");
	});
});

test("a port in use: the sentence names it and the flag, and its owner is not disturbed", async () => {
	await using stage = await Stage.local();
	const ann = await stage.member("ann");
	await using folder = await temporaryFolder();
	await using second = serverOn(folder.path, stage.port);
	await failsWith(second, 1, new RegExp(`Port ${stage.port}\\b.* --port`));
	expect(await stage.keyFiles()).toHaveLength(1);
	ann.say("undisturbed");
	await ann.waitFor({ type: "said", text: "undisturbed" });
});

test("a folder in use: the sentence names it and the flag; no key is touched", async () => {
	await using stage = await Stage.local();
	const ann = await stage.member("ann");
	const [key = ""] = await stage.keyFiles();
	await utimes(join(stage.keys, key), new Date(0), new Date(0));
	await using second = programOn(stage.keys);
	await failsWith(second, 1, new RegExp(`${stage.keys}\\b.* --keys`));
	expect(await stage.keyFiles()).toEqual([key]);
	ann.say("undisturbed");
	await ann.waitFor({ type: "said", text: "undisturbed" });
});

test("a folder whose server was killed is taken over, and what is left of old keys is swept", async () => {
	await using stage = await Stage.open();
	const old = join(stage.keys, `${randomId()}.key`);
	await writeFile(old, "", { mode: 0o600 });
	await utimes(old, new Date(0), new Date(0));
	stage.server.kill("SIGKILL");
	await stage.server.exit();
	await using second = programOn(stage.keys);
	await second.waitForOutput("listens on");
	expect(await stage.keyFiles()).toEqual([]);
});

test("young keys, whole or half made, go soon after the start, but none of an open session", async () => {
	await using stage = await Stage.open();
	stage.server.kill("SIGKILL");
	const young = [`${randomId()}.key`, `${randomId()}.key.${randomId()}`];
	for (const name of young) await writeFile(join(stage.keys, name), "", { mode: 0o600 });
	// The clock has been set back since.
	const ahead = join(stage.keys, `${randomId()}.key`);
	await writeFile(ahead, "", { mode: 0o600 });
	await utimes(ahead, new Date(), new Date(Date.now() + 3_600_000));
	const folder = new KeyFolder(stage.keys);
	folder.save(randomId(), generateKey());
	await stage.reopen();
	// Its key is older than the server.
	const ann = stage.tidy(new Peer(stage.port));
	folder.save(ann.id, ann.key);
	await utimes(join(stage.keys, `${ann.id}.key`), new Date(), new Date(Date.now() - 1500));
	ann.line(`FERNET-CHAT/1 ${ann.id}`);
	ann.send({ type: "login", name: "ann", email: "ann@gmail.com", password: PASSWORD });
	await ann.waitFor("welcome");
	const left = async () => (await readdir(stage.keys)).filter((name) => name.includes(".key"));
	await eventually("only hers", async () => (await left()).join() === `${ann.id}.key`);
	ann.send({ type: "say", id: "1", text: "still here" });
	await ann.waitFor("said");

	for (const name of young) await writeFile(join(stage.keys, name), "", { mode: 0o600 });
	stage.server.kill("SIGTERM");
	expect(await stage.server.exit()).toBe(0);
	expect(await left()).toEqual([]);
});

describe("a client with no server", () => {
	const unreachable = (port: number) =>
		new RegExp(`No server .*127\\.0\\.0\\.1:${port}.*bun server\\.ts`);

	test("says so to a bot", async () => {
		await using folder = await temporaryFolder();
		const port = await closedPort();
		const who = ["--name", "ann", "--email", "ann@gmail.com", "--keys", folder.path];
		const args = [`127.0.0.1:${port}`, ...who];
		await using bot = Bot.program(args, { FERNET_CHAT_PASSWORD: PASSWORD });
		expect(await bot.exit()).toBe(3);
		const [closed, ...more] = bot.lines;
		expect(closed?.reason).toBe("server_unreachable");
		expect(closed?.text).toMatch(unreachable(port));
		expect([closed?.type, more, bot.err]).toEqual(["closed", [], ""]);
		expect(await readdir(folder.path)).toEqual([]);
	});

	test("says so to a person", async () => {
		await using folder = await temporaryFolder();
		const port = await closedPort();
		const who = ["--name", "ann", "--email", "ann@gmail.com", "--keys", folder.path];
		await using screen = new Screen("client.ts", [`127.0.0.1:${port}`, ...who], { cols: 120 });
		await screen.waitForText(unreachable(port));
		expect(await screen.exit()).toBe(3);
		expect(screen.text).not.toContain("Password");
		expect(screen.isCooked).toBe(true);
		expect(await readdir(folder.path)).toEqual([]);
	});
});
