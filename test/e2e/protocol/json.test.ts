import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Bot, type Json, Stage } from "../../support/programs.ts";
import { ROOT } from "../../support/root.ts";

// `bun client.ts --json`: each line with exactly its documented fields, and each exit code.

const NO_PATIENCE = { FERNET_CHAT_PATIENCE: "0" };

/** Of all tests that leave it as it was: each of their members leaves. */
let stage: Stage;
beforeAll(async () => {
	stage = await Stage.local();
});
afterAll(() => stage[Symbol.asyncDispose]());

const recent = (at: unknown): boolean => Math.abs(Date.now() - Number(at)) < 60_000;

test("every line that a bot can hear has its fields and no others", async () => {
	const ann = await stage.memberProgram("ann");
	const bob = await stage.member("bob");
	bob.say("hello\n\u{1f99c}");
	await ann.waitFor({ type: "said" });
	ann.send({ type: "who" });
	await ann.waitFor({ type: "roster" });
	ann.send({ type: "say", id: "empty", text: "" });
	await ann.waitFor({ type: "refused" });
	bob.send({ type: "leave" });
	expect(await bob.exit()).toBe(0);
	await ann.waitFor({ type: "left" });
	ann.send({ type: "leave" });
	expect(await ann.exit()).toBe(0);

	// The welcome of the last to come has the visits of all.
	const here = bob.lines[0]?.members as { name: string; visit: string }[];
	const visitOf = (who: string) => here.find(({ name }) => name === who)?.visit;
	for (const { visit } of here) expect(visit).toMatch(/^[\w-]{4,22}$/);
	const [welcome, joined, said, roster, refused, left, closed, ...more] = ann.lines;
	const [own, other] = ["ann", "bob"].map((name) => ({ name, visit: visitOf(name) }));
	expect(welcome).toEqual({ type: "welcome", name: "ann", members: [own] });
	const seq = Number(joined?.seq);
	expect(joined).toEqual({ type: "joined", seq, at: joined?.at, ...other });
	const words = { from: "bob", text: "hello\n\u{1f99c}", id: said?.id };
	expect(said).toEqual({ type: "said", seq: seq + 1, at: said?.at, ...words });
	expect([Number.isSafeInteger(seq), typeof said?.id]).toEqual([true, "string"]);
	expect([recent(joined?.at), recent(said?.at), recent(left?.at)]).toEqual([true, true, true]);
	const since = expect.any(Number);
	const members = ["ann", "bob"].map((name) => {
		return { name, visit: visitOf(name), since, address: `${name[0]}***@gmail.com` };
	});
	expect(roster).toEqual({ type: "roster", at: expect.any(Number), members });
	const text = expect.stringContaining("1 to 8192 bytes");
	expect(refused).toEqual({ type: "refused", code: "bad_input", text, id: "empty" });
	expect(left).toEqual({ type: "left", seq: seq + 2, at: left?.at, name: "bob" });
	expect(closed).toEqual({ type: "closed", reason: "left", text: "You left the room." });
	expect(more).toEqual([]);
	expect(bob.lines[0]).toEqual({ type: "welcome", name: "bob", members: [own, other] });
	expect([ann.err, bob.err]).toEqual(["", ""]);
});

test("printf '...' | bun client.ts --json: all of it is said and echoed, then the bot leaves", async () => {
	const ann = await stage.member("ann");
	const bot = stage.botProgram("bot");
	const texts = Array.from({ length: 50 }, (_, index) => `line ${index}`);
	bot.write(texts.map((text) => JSON.stringify({ type: "say", text })).join("\n"));
	bot.endInput();
	expect(await bot.exit()).toBe(0);
	const [pending, others] = [true, false].map((isPending) =>
		bot.lines.filter(({ type }) => (type === "pending") === isPending),
	);
	expect(others?.map(({ type, text }) => (type === "said" ? text : type))).toEqual([
		"welcome",
		...texts,
		"closed",
	]);
	// The client answers each line that it reads with a receipt, which has the id of the echo.
	const said = others?.filter(({ type }) => type === "said") ?? [];
	const receipts = said.map(({ id, text }) => ({ type: "pending", id, text }));
	expect(pending).toEqual(receipts);
	await ann.waitFor({ type: "left", name: "bot" });
	expect(ann.lines.flatMap(({ from, text }) => (from === "bot" ? [text] : []))).toEqual(texts);
	ann.endInput();
	expect(await ann.exit()).toBe(0);
});

test("no input at all: in and out", async () => {
	const bot = stage.botProgram("bot");
	bot.endInput();
	expect(await bot.exit()).toBe(0);
	expect(bot.lines.map(({ type }) => type)).toEqual(["welcome", "closed"]);
});

test("each bad line is refused, and no good one is lost", async () => {
	const bot = await stage.memberProgram("bot");
	const bad = [
		...["", "hello", "{", "null", "5", '"say"', "[]", "{}", '{"type":5}', '{"type":"shout"}'],
		...['{"type":"login","name":"eve"}', '{"type":"say"}', '{"type":"say","text":""}'],
		...['{"type":"say","text":["a"]}', '{"type":"say","text":"\\ud800"}'],
		...[JSON.stringify({ type: "say", text: "x".repeat(8193) }), "x".repeat(100_000)],
		...['{"type":"say","id":"a b","text":"x"}', '{"type":"shout","id":5}'],
	];
	const ids = ["i1", "i2", "i3"];
	bad.push('{"type":"say","id":"i1"}', '{"type":"shout","id":"i2"}', '{"type":"ping","id":"i3"}');
	const notText = '{"type":"say","text":"caf\xe9"}';
	bad.push(notText);
	// Bytes, so that the one that is no UTF-8 stays so; a mark at the start is no part of the line.
	bot.write(Buffer.from(`\ufeff${JSON.stringify({ type: "say", text: "marked" })}\n`));
	for (const [index, line] of bad.entries()) {
		bot.write(Buffer.from(`${line}\n`, line === notText ? "latin1" : "utf8"));
		bot.write(`${JSON.stringify({ type: "say", text: `after ${index}` })}\n`);
	}
	bot.endInput();
	expect(await bot.exit()).toBe(0);
	const refused = bot.lines.filter(({ type }) => type === "refused");
	expect(refused).toHaveLength(bad.length);
	for (const { code, text } of refused) {
		expect(code).toBe("bad_input");
		expect(text).toMatch(
			/^(A line|A message|\w+: \w+) must be |^There is no request |^Line \d+ of the input is not /,
		);
	}
	expect(refused.flatMap(({ id }) => id ?? [])).toEqual(ids);
	const said = bot.lines.flatMap(({ type, text }) => (type === "said" ? [text] : []));
	expect(said).toEqual(["marked", ...bad.map((_, index) => `after ${index}`)]);
});

test("a reader that is slow gets all of it, to the last line", async () => {
	await using stage = await Stage.open();
	const bob = await Peer.member(stage, "bob");
	const who = ["--name", "ann", "--email", "ann@gmail.com", "--json", "--patience", "0"];
	const mayRead = join(stage.keys, "may-read");
	const slowly = '"$0" client.ts "$@" | { until [ -e "$MAY_READ" ]; do sleep 0.01; done; cat; }';
	const ann = Bun.spawn(["sh", "-c", slowly, process.execPath, ...stage.clientArgs(...who)], {
		cwd: ROOT,
		env: { ...process.env, FERNET_CHAT_PASSWORD: PASSWORD, MAY_READ: mayRead },
		stdio: ["pipe", "pipe", "inherit"],
	});
	await bob.waitFor("joined");
	// More than a pipe holds.
	const ids = Array.from({ length: 200 }, (_, index) => `line-${index}`);
	for (const id of ids) bob.send({ type: "say", id, text: "x".repeat(1000) });
	await eventually("all said", () => bob.messages.at(-1)?.id === ids.at(-1));
	await Bun.write(mayRead, "");
	stage.server.kill("SIGTERM");
	const lines: Json[] = (await ann.stdout.text())
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line));
	expect(lines.flatMap(({ type, id }) => (type === "said" ? [id] : []))).toEqual(ids);
	expect(lines.at(-1)).toMatchObject({ type: "closed", reason: "server_stopped" });
});

describe("exit code", () => {
	const who = ["--name", "ann", "--email", "ann@gmail.com"];
	const incomplete: [args: string[], env: Record<string, string>][] = [
		[who, {}],
		[who, { FERNET_CHAT_PASSWORD: "" }],
		[who.slice(0, 2), { FERNET_CHAT_PASSWORD: PASSWORD }],
		[who.slice(2), { FERNET_CHAT_PASSWORD: PASSWORD }],
	];
	test("1: wrong use, said on stderr and to no server", async () => {
		for (const [i, [args, env]] of incomplete.entries()) {
			await using bot = i === 0 ? Bot.program(args, env) : Bot.local(args, env);
			expect(await bot.exit()).toBe(1);
			expect(bot.err).toMatch(/^.*--name, --email and FERNET_CHAT_PASSWORD.*\n$/);
			expect(bot.out).toBe("");
		}
	});

	test("2: login denied", async () => {
		const bot = stage.botProgram("ann", "wrongwrongwrongw");
		expect(await bot.exit()).toBe(2);
		const text = "localhost rejected this address and password.";
		expect(bot.lines).toEqual([{ type: "denied", code: "wrong_password", text }]);
		expect(bot.err).toBe("");
		expect(await stage.keyFiles()).toEqual([]);
	});

	test("3: server lost, without patience, and no key is left behind", async () => {
		await using stage = await Stage.open();
		const bot = await stage.memberProgram("ann", NO_PATIENCE);
		stage.server.kill("SIGKILL");
		expect(await bot.exit()).toBe(3);
		expect(bot.lines.slice(1)).toEqual([
			{ type: "closed", reason: "server_lost", text: expect.stringContaining("lost") },
		]);
		expect(await stage.keyFiles()).toEqual([]);
	});

	for (const signal of ["SIGTERM", "SIGINT"] as const) {
		test(`0: ${signal} stops the server, which says so to all, and they have no patience`, async () => {
			await using stage = await Stage.open();
			const bots = [
				await stage.memberProgram("ann", NO_PATIENCE),
				await stage.member("bob", "--patience", "0"),
			];
			stage.server.kill(signal);
			for (const bot of bots) {
				expect(await bot.exit()).toBe(0);
				const text = expect.stringContaining("stopped");
				expect(bot.lines.at(-1)).toEqual({ type: "closed", reason: "server_stopped", text });
			}
			expect(await stage.server.exit()).toBe(0);
			expect(await stage.keyFiles()).toEqual([]);
		});
	}
});
