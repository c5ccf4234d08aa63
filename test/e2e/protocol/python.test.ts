import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { eventually } from "../../support/eventually.ts";
import { listen } from "../../support/listen.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { type Json, Stage } from "../../support/programs.ts";
import { requirePython } from "../../support/python.ts";
import { ROOT } from "../../support/root.ts";
import { tap } from "../../support/tap.ts";

const SCRIPT = join(ROOT, "test/fixtures/client.py");
const TEXT = "grüß dich, 世界 \u001b[31m";

const ENV = { PATH: process.env.PATH, HOME: process.env.HOME, PYTHONUTF8: "1" };

function start(port: number, keys: string, password = PASSWORD) {
	const args = ["127.0.0.1", String(port), keys, "py", "py@gmail.com", TEXT];
	return Bun.spawn([requirePython(), SCRIPT, ...args], {
		env: { ...ENV, FERNET_CHAT_PASSWORD: password },
		stdout: "pipe",
		stderr: "pipe",
	});
}

/** Waits for the script to end and returns all that it printed. */
async function printed(script: ReturnType<typeof start>) {
	const texts = [script.stdout.text(), script.stderr.text()];
	const [out = "", err = ""] = await Promise.all(texts);
	const lines: Json[] = out.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
	return { out, err, code: await script.exited, lines };
}

interface Gate extends AsyncDisposable {
	readonly port: number;
	/** The client's lines that the gate holds back. */
	readonly held: string[];
	open(): void;
}

/** Passes a client's hello and login on to a port, and later lines only once it is open. */
async function gate(port: number): Promise<Gate> {
	const held: string[] = [];
	let passed = 0;
	let pass = (line: string): void => void held.push(line);
	let open = (): void => {};
	const listener = createServer((client) => {
		const server = connect(port, "127.0.0.1");
		server.pipe(client);
		const send = (line: string): void => void server.write(`${line}\n`);
		createInterface({ input: client }).on("line", (line) => (passed++ < 2 ? send : pass)(line));
		client.on("end", () => server.end());
		open = () => {
			pass = send;
			for (const line of held) send(line);
		};
	});
	const own = await listen(listener);
	return {
		port: own,
		held,
		open: () => open(),
		async [Symbol.asyncDispose]() {
			await new Promise((resolve) => listener.close(resolve));
		},
	};
}

test("the client in Python is short and needs nothing but cryptography", async () => {
	const lines = (await Bun.file(SCRIPT).text()).trimEnd().split("\n");
	expect(lines.length).toBeLessThan(60);
	expect(lines.filter((line) => /^(import|from) /.test(line))).toEqual([
		"import json, os, pathlib, socket, sys",
		"from cryptography.fernet import Fernet",
	]);
});

test("it talks in the room, through a change of key for each who comes and goes", async () => {
	await using stage = await Stage.open();
	const ann = await stage.member("ann");
	await using wire = await tap(stage.port);
	await using proxy = await gate(wire.port);
	await using script = start(proxy.port, stage.keys);
	await eventually("its line", () => proxy.held.length === 1);
	const files = await stage.keyFiles();
	expect(files).toHaveLength(2);
	for (const file of files) expect(statSync(join(stage.keys, file)).mode & 0o777).toBe(0o600);

	const bob = await stage.member("bob");
	ann.say("hello py");
	await ann.waitFor({ type: "said", text: "hello py" });
	bob.send({ type: "leave" });
	await ann.waitFor({ type: "left", name: "bob" });
	proxy.open();
	expect(await ann.waitFor({ type: "said", from: "py" })).toMatchObject({ text: TEXT });

	const { out, err, code, lines } = await printed(script);
	expect({ err, code }).toEqual({ err: "", code: 0 });
	expect(lines).toMatchObject([
		{ type: "welcome", name: "py", epoch: 2, members: ["ann", "py"] },
		{ type: "joined", seq: 3, at: expect.any(Number), name: "bob" },
		{ type: "said", seq: 4, at: expect.any(Number), from: "ann", text: "hello py" },
		{ type: "rekey", epoch: 4 },
		{ type: "left", seq: 5, name: "bob" },
		{ type: "said", from: "py", text: TEXT },
		{ type: "closing", code: "left" },
	]);
	// Safe to show on any terminal, and to anybody: no control character, no key.
	expect(out).toMatch(/^[\n -~]+$/);
	expect(out).not.toMatch(/[\w-]{43}=/);

	const answers = wire.lines.filter(({ from }) => from === "server");
	const epochs = answers.map(({ line }) => line.split(" ")[0]);
	expect(epochs).toEqual(["0", "2", "3", "0", "4", "4", "0"]);
	await ann.waitFor({ type: "left", name: "py" });
	expect(await stage.keyFiles()).toHaveLength(1);
}, 30_000);

test("it is told no like anybody else", async () => {
	await using stage = await Stage.open();
	await using script = start(stage.port, stage.keys, "wrong password");
	const { out, err, code, lines } = await printed(script);
	expect({ err, code }).toEqual({ err: "", code: 1 });
	expect(lines).toMatchObject([{ type: "denied" }]);
	expect(out).not.toContain("wrong password");
	expect(stage.logins).toEqual(["py@gmail.com"]);
	expect(await stage.keyFiles()).toEqual([]);
}, 30_000);

test("it bears with what owners do, which it has never heard of, and with being put out", async () => {
	await using stage = await Stage.open("--owner", "ann@gmail.com", "--title", "Book club");
	const ann = await stage.member("ann");
	await using proxy = await gate(stage.port);
	await using script = start(proxy.port, stage.keys);
	await eventually("its line", () => proxy.held.length === 1);
	ann.send({ type: "announce", text: "lunch" });
	ann.send({ type: "kick", name: "py", why: "late" });
	const { err, code, lines } = await printed(script);
	expect({ err, code }).toEqual({ err: "", code: 1 });
	expect(lines).toMatchObject([
		{ type: "welcome", title: "Book club" },
		{ type: "announced", by: "ann", text: "lunch" },
		{ type: "kicked", by: "ann", name: "py", why: "late" },
		{ type: "closing", code: "kicked" },
	]);
}, 30_000);
