import { expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { LocalClient } from "../../support/local-client.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { EVIL, expectHarmless, SEEN } from "./evil.ts";
import { Liar } from "./liar.ts";
import { enter } from "./visit.ts";

// A server that lies: whatever it sends is only text on the terminal.

test("an address, a refusal and a goodbye", async () => {
	await using liar = await Liar.open();
	await using screen = await enter(liar, "ann", { cols: 120 });
	const roster = [{ name: "bob", visit: "2", since: 0, address: EVIL }];
	screen.type("/who\r");
	await eventually("asked", () => liar.asked.some(({ type }) => type === "who"));
	liar.tell({ type: "roster", members: roster });
	await screen.waitForText("Only you are here:");
	expect(screen.text).toContain(`bob  ${SEEN}`);
	liar.tell({ type: "refused", code: "no", text: `${EVIL}refused` });
	await screen.waitForText("refused");
	expect(screen.text).toContain(`!! ${SEEN}`);
	liar.tell({ type: "closing", code: "left", text: `${EVIL}closed` });
	expect(await screen.exit()).toBe(0);
	await screen.waitForText("closed");
	expect(screen.lines.at(-1)).toBe(`▐ ${SEEN} closed`);
	expectHarmless(screen);
});

test("the reason why a line was not sent", async () => {
	await using liar = await Liar.open();
	await using screen = await enter(liar, "ann", { cols: 160 });
	screen.type("my line\r");
	const said = await eventually("it", () => liar.asked.find(({ type }) => type === "say"));
	const id = "id" in said ? said.id : "";
	liar.tell({ type: "refused", code: "no", text: `${EVIL}refused`, id });
	await screen.waitForText("refused");
	expect(screen.text).toMatch(/Not sent.*my line/);
	expect(screen.text).toContain(SEEN);
	expectHarmless(screen);
	screen.type("/leave\r");
	expect(await screen.exit()).toBe(0);
	expectHarmless(screen);
});

test("what an owner is said to have done, and who is banned", async () => {
	await using liar = await Liar.open({ owner: true, motd: EVIL });
	await using screen = await enter(liar, "ann", { cols: 120, flags: ["--bell", "off"] });
	expect(screen.text).toContain(`## ${SEEN}`);
	liar.batch(
		{ type: "kicked", name: "bob", by: "carl", reason: `${EVIL}kicked` },
		{ type: "banned", by: "carl", address: `${EVIL}banned` },
		{ type: "announced", by: "carl", text: `${EVIL}announced` },
	);
	await screen.waitForText("announced");
	for (const what of ["kicked", "banned", "announced"]) {
		expect(screen.text).toContain(`${SEEN}\n  ┊ ${what}`);
	}
	expectHarmless(screen);
});

/** Fills the row, and goes on as another's line. */
const filled = (cols: number, lie: string): string => `hi${"\u00a0".repeat(cols)}▐ ${lie}`;

test("no text of the server's begins a row as a line does, in the room and at the end", async () => {
	const motd = filled(60, "12:31 boss: motd");
	await using liar = await Liar.open({ motd });
	await using screen = await enter(liar, "ann", { cols: 60 });
	liar.tell({ type: "refused", code: "no", text: filled(60, "12:31 boss: refused") });
	screen.type("kept\r");
	const kept = await eventually("it", () => liar.asked.find(({ type }) => type === "say"));
	const id = "id" in kept ? kept.id : "";
	liar.tell({ type: "refused", code: "no", text: filled(50, "12:31 boss: pending"), id });
	await screen.waitForText(/^▐ ✗ Not sent: kept/m);
	liar.tell({ type: "closing", code: "left", text: filled(60, "12:31 boss: closed") });
	expect(await screen.exit()).toBe(0);
	await screen.waitForText("boss: closed");
	for (const width of [60, 31, 97]) {
		screen.resize(width, 24);
		const marked = screen.lines.filter((line) => line.includes("▐"));
		const starts = ["▐ ## hi", "▐ -- You are ann", "▐ !! hi", "▐ !! Not sent: kept", "▐ hi"];
		expect(marked.map((line, index) => line.startsWith(starts[index] ?? "-"))).toEqual(
			starts.map(() => true),
		);
	}
});

const said = { type: "said", from: "bob", id: "1", text: "hello" };
const told = { type: "told", from: "bob", to: "ann", id: "1", at: 0, text: "hello" };
const member = { name: "bob", visit: "2", since: 0 };

const lies: [what: string, lie: (liar: Liar) => void][] = [
	["a name that speaks", (liar) => liar.batch({ ...said, from: `bob${EVIL}` })],
	["a name that looks empty", (liar) => liar.batch({ ...said, from: "\u2800" })],
	["a name that joins", (liar) => liar.batch({ type: "joined", name: EVIL, visit: "2" })],
	["a visit", (liar) => liar.batch({ type: "joined", name: "bob", visit: EVIL })],
	["a name that leaves", (liar) => liar.batch({ type: "left", name: EVIL })],
	["an id", (liar) => liar.batch({ ...said, id: EVIL })],
	["a private line's author", (liar) => liar.tell({ ...told, from: EVIL })],
	["a private line's reader", (liar) => liar.tell({ ...told, to: EVIL })],
	["a member", (liar) => liar.tell({ type: "roster", members: [{ ...member, name: EVIL }] })],
	[
		"a member's visit",
		(liar) => liar.tell({ type: "roster", members: [{ ...member, visit: EVIL }] }),
	],
	["who left", (liar) => liar.tell({ type: "unconfirmed", name: EVIL, visit: "2", count: 1 })],
	["who is kicked", (liar) => liar.batch({ type: "kicked", name: EVIL, by: "bob" })],
	["an owner", (liar) => liar.batch({ type: "announced", by: EVIL, text: "hello" })],
	["a title", (liar) => liar.batch({ type: "titled", by: "bob", title: EVIL })],
	["who is banned", (liar) => liar.tell({ type: "banlist", addresses: [EVIL] })],
	["a code", (liar) => liar.tell({ type: "closing", code: EVIL, text: "bye" })],
];

/** Nobody lets the client in again. */
const IMPATIENT = ["--patience", "1"];
/** What the client says of them. */
const REFUSED = /^▐ !! \w+: \w+ must be .*[\s\S]*Reconnecting\.$/m;

test("names, ids and codes that cannot be: the connection ends", async () => {
	const end = async ([what, lie]: (typeof lies)[number]): Promise<[string, number]> => {
		await using liar = await Liar.open();
		const who = ["--name", "ann", "--email", "ann@gmail.com"];
		const env = { FERNET_CHAT_PASSWORD: PASSWORD };
		await using client = new LocalClient(liar.clientArgs("--plain", ...who, ...IMPATIENT), env);
		await client.waitForOutput("You are ann");
		lie(liar);
		const code = await client.exit();
		// Silence would end the connection too, but later and with another sentence.
		expect(client.out).toMatch(REFUSED);
		expectHarmless({ written: client.out + client.err });
		return [what, code];
	};
	expect(await Promise.all(lies.map(end))).toEqual(lies.map(([what]) => [what, 5]));
});

// Whatever ends the connection, the same code ends the visit: one of each kind shows it.
const kinds = lies.filter(([what]) =>
	["a name that speaks", "a private line's author", "a member", "a code"].includes(what),
);
test.each(kinds)("%s that cannot be: the terminal says so cleanly", async (_, lie) => {
	await using liar = await Liar.open();
	await using screen = await enter(liar, "ann", {
		cols: 120,
		flags: ["--bell", "off", ...IMPATIENT],
	});
	lie(liar);
	expect(await screen.exit()).toBe(5);
	await screen.waitForText(REFUSED);
	// The prompt may still be below the last sentence until the client erases it.
	await eventually("a last sentence", () => screen.lines.at(-1)?.endsWith("."));
	expectHarmless(screen);
	expect(screen.isCooked).toBe(true);
});

test("messages and events of types that the client does not know are passed over", async () => {
	await using liar = await Liar.open();
	await using screen = await enter(liar, "ann", { flags: ["--bell", "off"] });
	liar.tell({ type: EVIL }, { ...told, text: "beside it" });
	liar.batch({ type: EVIL, text: "what?" }, { ...said, text: "after it" });
	await screen.waitForText("bob: after it");
	await screen.waitForText("bob → you: beside it");
	expect(screen.text).not.toMatch(/evil|what\?/);
	expectHarmless(screen);
	screen.type("/leave\r");
	expect(await screen.exit()).toBe(0);
});

test("times out of this world do no harm", async () => {
	await using liar = await Liar.open();
	await using screen = await enter(liar, "ann");
	for (const at of [0, 8.64e15, Number.MAX_SAFE_INTEGER]) {
		liar.batchAt(at, { ...said, id: String(at), text: `at ${at}` });
	}
	await screen.waitForText(`at ${Number.MAX_SAFE_INTEGER}`);
	screen.type("/leave\r");
	expect(await screen.exit()).toBe(0);
});
