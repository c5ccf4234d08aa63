import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";
import { tap } from "../../support/tap.ts";
import { VISIT } from "../moderation/meeting.ts";
import { gate, printed, SCRIPT, start, TEXT } from "./python-client.ts";

// test/fixtures/client.py, an example of a client by hand.

test("the client in Python is short and needs nothing but cryptography", async () => {
	const lines = (await Bun.file(SCRIPT).text()).trimEnd().split("\n");
	expect(lines.length).toBeLessThan(90);
	expect(lines.filter((line) => /^(import|from) /.test(line))).toEqual([
		"import json, os, pathlib, secrets, socket, sys, zlib",
		"from cryptography.fernet import Fernet",
	]);
});

test("it talks in the room, through a change of key for each who comes and goes", async () => {
	await using stage = await Stage.local();
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
		{
			type: "welcome",
			name: "py",
			epoch: 3,
			members: [
				["ann", VISIT],
				["py", VISIT],
			],
		},
		{ type: "joined", seq: 3, at: expect.any(Number), name: "bob", visit: VISIT },
		{ type: "said", seq: 4, at: expect.any(Number), from: "ann", text: "hello py" },
		{ type: "rekey", epoch: 5 },
		{ type: "left", seq: 5, name: "bob" },
		{ type: "said", from: "py", text: TEXT },
		{ type: "closing", code: "left" },
	]);
	// Safe to show on any terminal, and to anybody: no control character, no key.
	expect(out).toMatch(/^[\n -~]+$/);
	expect(out).not.toMatch(/[\w-]{43}=/);

	const answers = wire.lines.filter(({ from }) => from === "server");
	const epochs = answers.map(({ line }) => line.split(" ")[0]);
	expect(epochs).toEqual(["0", "3", "4", "0", "5", "5", "0"]);
	await ann.waitFor({ type: "left", name: "py" });
	expect(await stage.keyFiles()).toHaveLength(1);
}, 30_000);

test("it is remembered, and needs no password the next times", async () => {
	await using stage = await Stage.local("--remember-days", "30");
	const file = join(stage.keys, "device");
	const kept: string[] = [];
	for (const password of [PASSWORD, "not asked for", "nor here"]) {
		await using script = start(stage.port, stage.keys, password, file);
		const { out, err, code } = await printed(script);
		expect({ err, code }).toEqual({ err: "", code: 0 });
		kept.push(await Bun.file(file).text());
		expect(out).not.toContain(kept.at(-1) ?? "");
	}
	expect(new Set(kept).size).toBe(3);
	expect(stage.logins).toEqual(["py@gmail.com"]);
}, 30_000);

test("it is told no like anybody else", async () => {
	await using stage = await Stage.local();
	await using script = start(stage.port, stage.keys, "wrong password");
	const { out, err, code, lines } = await printed(script);
	expect({ err, code }).toEqual({ err: "", code: 1 });
	expect(lines).toMatchObject([{ type: "denied" }]);
	expect(out).not.toContain("wrong password");
	expect(stage.logins).toEqual(["py@gmail.com"]);
	expect(await stage.keyFiles()).toEqual([]);
}, 30_000);

test("it bears with what owners do, which it has never heard of, and with being put out", async () => {
	await using stage = await Stage.local("--owner", "ann@gmail.com", "--title", "Book club");
	const ann = await stage.member("ann");
	await using proxy = await gate(stage.port);
	await using script = start(proxy.port, stage.keys);
	await eventually("its line", () => proxy.held.length === 1);
	ann.send({ type: "announce", text: "lunch" });
	ann.send({ type: "kick", name: "py", reason: "late" });
	const { err, code, lines } = await printed(script);
	expect({ err, code }).toEqual({ err: "", code: 1 });
	expect(lines).toMatchObject([
		{ type: "welcome", title: "Book club" },
		{ type: "announced", by: "ann", text: "lunch" },
		{ type: "kicked", by: "ann", name: "py", reason: "late" },
		{ type: "closing", code: "kicked" },
	]);
}, 30_000);
