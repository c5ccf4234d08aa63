import { expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Screen } from "../../support/terminal.ts";
import { Liar } from "./liar.ts";
import { enter } from "./visit.ts";

// A server that lies: whatever it sends is only text on the terminal.

const EVIL = "\x1b]52;c;eA==\x07\x9b31m\u202e\u200bevil\r\n";
const SEEN = "^[]52;c;eA==^G<9b>31mevil^M";

/** Checks that no control character of EVIL has reached the terminal. */
function isHarmless({ written }: Screen): void {
	for (const raw of ["\x1b]", "\x07", "\x9b", "\u202e", "\u200b"])
		expect(written).not.toContain(raw);
}

test("an address, a refusal and a goodbye", async () => {
	await using liar = await Liar.open();
	await using screen = await enter(liar, "ann", { cols: 120 });
	const roster = [{ name: "bob", since: 0, address: EVIL }];
	liar.tell({ type: "roster", members: roster });
	await screen.waitForText("Only you are here:");
	expect(screen.text).toContain(`bob  ${SEEN}`);
	liar.tell({ type: "refused", code: "no", text: `${EVIL}refused` });
	await screen.waitForText("refused");
	expect(screen.text).toContain(`!! ${SEEN}`);
	liar.tell({ type: "closing", code: "left", text: `${EVIL}closed` });
	expect(await screen.exit()).toBe(0);
	await screen.waitForText("closed");
	expect(screen.lines.at(-1)).toBe(`${SEEN} closed`);
	isHarmless(screen);
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
	isHarmless(screen);
	screen.type("/leave\r");
	expect(await screen.exit()).toBe(0);
	isHarmless(screen);
});

test.each([
	["on the login page", {}],
	["without one", { FERNET_CHAT_PASSWORD: PASSWORD }],
])("a refused login, %s", async (where, env) => {
	await using liar = await Liar.open({ type: "denied", code: "no", text: `${EVIL}denied` });
	const args = liar.clientArgs("--name", "ann", "--email", "ann@gmail.com");
	await using screen = new Screen("client.ts", args, { cols: 120, env });
	if (where === "on the login page") {
		await screen.waitForText("App password");
		screen.type(`${PASSWORD}\r`);
	}
	await screen.waitForText("denied");
	expect(screen.text).toContain(SEEN);
	isHarmless(screen);
});

test("what an owner is said to have done, and who is banned", async () => {
	await using liar = await Liar.open({ owner: true, motd: EVIL });
	await using screen = await enter(liar, "ann", { cols: 120, flags: ["--bell", "off"] });
	expect(screen.text).toContain(`## ${SEEN}`);
	liar.batch(
		{ type: "kicked", name: "bob", by: "carl", why: `${EVIL}kicked` },
		{ type: "banned", by: "carl", address: `${EVIL}banned` },
		{ type: "announced", by: "carl", text: `${EVIL}announced` },
	);
	await screen.waitForText("announced");
	for (const what of ["kicked", "banned", "announced"]) {
		expect(screen.text).toContain(`${SEEN}\n  ┊ ${what}`);
	}
	isHarmless(screen);
});

const said = { type: "said", from: "bob", id: "1", text: "hello" };
const told = { type: "told", from: "bob", to: "ann", id: "1", at: 0, text: "hello" };

const lies: [what: string, lie: (liar: Liar) => void][] = [
	["a name that speaks", (liar) => liar.batch({ ...said, from: `bob${EVIL}` })],
	["a name that looks empty", (liar) => liar.batch({ ...said, from: "\u2800" })],
	["a name that joins", (liar) => liar.batch({ type: "joined", name: EVIL })],
	["a name that leaves", (liar) => liar.batch({ type: "left", name: EVIL })],
	["an id", (liar) => liar.batch({ ...said, id: EVIL })],
	["a private line's author", (liar) => liar.tell({ ...told, from: EVIL })],
	["a private line's reader", (liar) => liar.tell({ ...told, to: EVIL })],
	["a member", (liar) => liar.tell({ type: "roster", members: [{ name: EVIL, since: 0 }] })],
	["who is kicked", (liar) => liar.batch({ type: "kicked", name: EVIL, by: "bob" })],
	["an owner", (liar) => liar.batch({ type: "announced", by: EVIL, text: "hello" })],
	["a title", (liar) => liar.batch({ type: "titled", by: "bob", title: EVIL })],
	["who is banned", (liar) => liar.tell({ type: "banlist", addresses: [EVIL] })],
	["a type", (liar) => liar.tell({ type: EVIL })],
	["a code", (liar) => liar.tell({ type: "closing", code: EVIL, text: "bye" })],
];

test("names, ids and codes that cannot be: the connection ends, and says so cleanly", async () => {
	const end = async ([what, lie]: (typeof lies)[number]): Promise<[string, number]> => {
		await using liar = await Liar.open();
		await using screen = await enter(liar, "ann", { flags: ["--bell", "off"] });
		lie(liar);
		const code = await screen.exit();
		// The prompt may still be below the last sentence until the client erases it.
		await eventually("a last sentence", () => screen.lines.at(-1)?.endsWith("."));
		isHarmless(screen);
		expect(screen.isCooked).toBe(true);
		return [what, code];
	};
	expect(await Promise.all(lies.map(end))).toEqual(lies.map(([what]) => [what, 3]));
});

test("a welcome with a name in it that cannot be", async () => {
	await using liar = await Liar.open({ members: ["ann", `bob${EVIL}`] });
	const args = liar.clientArgs("--name", "ann", "--email", "ann@gmail.com");
	await using screen = new Screen("client.ts", args, { env: { FERNET_CHAT_PASSWORD: PASSWORD } });
	expect(await screen.exit()).toBe(3);
	await eventually("a sentence", () => screen.text !== "");
	isHarmless(screen);
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
