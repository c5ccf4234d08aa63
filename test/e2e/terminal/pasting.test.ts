import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { enter, say, sayYes, textsFrom, waitForMessage, waitUntilTyped } from "./visit.ts";

// Texts of several lines, typed or pasted: each is one message.

let stage: Stage;
let bob: Peer;

beforeAll(async () => {
	stage = await Stage.local();
	bob = await Peer.member(stage, "bob");
});

afterAll(() => stage[Symbol.asyncDispose]());

const paste = (text: string): string => `\x1b[200~${text}\x1b[201~`;
const lines = (count: number): string =>
	Array.from({ length: count }, (_, line) => `line ${line}`).join("\n");

const whole: [how: string, keys: string, text: string][] = [
	["Alt-Enter", "one\x1b\rtwo\x1b\rthree\r", "one\ntwo\nthree"],
	["a backslash before Enter", "one\\\rtwo\\\rthree\r", "one\ntwo\nthree"],
	["a backslash elsewhere is one", "a\\b\\ \r", "a\\b\\"],
	["a paste", `${paste("one\ntwo\n\n\tthree")}\r`, "one\ntwo\n\n\tthree"],
	["a paste within a line", `say ${paste("one\rtwo\r\nthr")}ee\r`, "say one\ntwo\nthree"],
	["a paste that ends in a newline", `${paste("one\ntwo\n")}\r`, "one\ntwo"],
	["a paste with keys in it", `${paste("one\x03\x04\x1b[A\x15two")}\r`, "one[Atwo"],
	["a pasted command's name in the second line", `${paste("one\n/leave")}\r`, "one\n/leave"],
	["twenty pasted lines", `${paste(lines(20))}\r`, lines(20)],
];

test("each of these is one message, exactly as it was meant", async () => {
	await using screen = await enter(stage, "ann");
	for (const [index, [how, keys]] of whole.entries()) {
		screen.type(keys);
		await eventually(how, () => textsFrom(bob, "ann").length > index);
	}
	expect(textsFrom(bob, "ann")).toEqual(whole.map(([, , text]) => text));
});

test("a command behind what nobody sees is one, pasted or typed, and the prompt says so", async () => {
	await using screen = await enter(stage, "finn");
	const secrets = (): unknown[] =>
		bob.messages.flatMap(({ type, text }) => (type === "told" ? [text] : []));
	for (const [index, unseen] of ["\ufeff", "\u200b", "\u00a0\u202e"].entries()) {
		const command = `/tell bob secret ${index}`;
		for (const [again, keys] of [paste(unseen + command), unseen + command].entries()) {
			screen.type(keys);
			await screen.waitForText(RegExp(`^ ?to bob only ?> .*${command}$`, "m"));
			screen.type("\r");
			await eventually(command, () => secrets().length > 2 * index + again);
		}
	}
	screen.type("\u200b\r\x15seen by all\r");
	await waitForMessage(bob, { type: "said", from: "finn" });
	expect(textsFrom(bob, "finn")).toEqual(["seen by all"]);
	expect(new Set(secrets())).toEqual(new Set(["secret 0", "secret 1", "secret 2"]));
});

test("what is not UTF-8 is left out while its author looks on, and not said unseen", async () => {
	await using screen = await enter(stage, "gina");
	screen.type(Buffer.from("caf\xe9 \xff/\xc3\xa9\xe2\x82", "latin1"));
	await screen.waitForText("What is not UTF-8 was left out");
	screen.type(Buffer.from("\xac", "latin1"));
	screen.type("b\r");
	await screen.waitForText("Not sent: what is not UTF-8 is missing from this line.");
	// The End key: text alone, so soon, could be the next line of a paste.
	screen.type("\x05c\r");
	await waitForMessage(bob, { type: "said", from: "gina" });
	// All at once, as a keyboard in Latin-1 and a fast typist have it.
	screen.type(Buffer.from("na\xefve\r", "latin1"));
	await screen.waitForText(/Not sent: what[\s\S]*Not sent: what/);
	screen.type("\x15naïve\r");
	await waitForMessage(bob, { type: "said", from: "gina", text: "naïve" });
	expect(textsFrom(bob, "gina")).toEqual(["caf /é€bc", "naïve"]);
});

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
const unbracketed: [what: string, keys: Buffer, sent: string[], kept: RegExp][] = [
	[
		"one line among others",
		latin1("one\rcaf\xe9\rtwo\rthree\r"),
		["one"],
		/> caf\n┊ two\n┊ three$/,
	],
	["every line", latin1("\xe9cole\nna\xefve\n"), [], /> cole\n┊ nave$/],
	[
		"the first, before a command",
		latin1("\xff\r/tell bob pst\r\r/leave\r"),
		[],
		/>\n┊ \/tell bob pst\n┊ \/leave$/,
	],
	["the last", latin1("one\rtwo\rfa\xe7ade"), ["one", "two"], /> faade$/],
];
test.each(unbracketed)(
	"a paste without brackets, not UTF-8 in %s: no line is sent mangled, and none is lost",
	async (what, keys, sent, kept) => {
		const name = `hal${what.length}`;
		await using screen = await enter(stage, name);
		screen.type(keys);
		await screen.waitForText(kept);
		// Once this is said, whatever was before it would have been.
		screen.type("\x03the end\r");
		await waitForMessage(bob, { type: "said", from: name, text: "the end" });
		expect(textsFrom(bob, name)).toEqual([...sent, "the end"]);
	},
);

test("further lines are shown as further lines, below the first", async () => {
	await using screen = await enter(stage, "carl");
	screen.type("one\x1b\rtwo");
	await screen.waitForText(/^to all> one\n┊ two$/m);
	screen.type("\x1b[A\x1b[D");
	await eventually("the cursor", () => screen.cursor.column === "to all> on".length);
	screen.type("X\r");
	await screen.waitForText(/carl: onXe\n {2}┊ two$/m);
});

const OFFER = /\[y\/n\]$/;

test.each([
	["many lines", lines(30), "30 lines"],
	["many characters", "x".repeat(5000), "5000 characters"],
])("a large paste asks first: %s", async (_, text, size) => {
	await using screen = await enter(stage, "dora");
	const before = textsFrom(bob, "dora").length;
	screen.type(`so: ${paste(text)}`);
	await screen.waitForText(size);
	await screen.waitForText(OFFER);
	// Messages still appear above the question.
	say(bob, `meanwhile ${size}`);
	await screen.waitForText(`meanwhile ${size}`);
	await screen.waitForText(OFFER);
	screen.type("n");
	await waitUntilTyped(screen, "so: |");
	screen.type(paste(text));
	await sayYes(screen);
	screen.type("\r");
	await waitForMessage(bob, { type: "said", from: "dora", text: `so: ${text}` });
	expect(textsFrom(bob, "dora")).toHaveLength(before + 1);
});

test("what is too large for one message is asked about; it is not sent, and comes back", async () => {
	await using screen = await enter(stage, "eve", { cols: 120 });
	screen.type(paste("€".repeat(2731)));
	await screen.waitForText(/2731 characters\? The line will be too long to send/);
	await sayYes(screen);
	screen.type("\r");
	await screen.waitForText("Not sent: a message must be 1 to 8192 bytes");
	screen.type("\x7f\r");
	await waitForMessage(bob, { type: "said", from: "eve" });
	expect(textsFrom(bob, "eve")).toEqual(["€".repeat(2730)]);
	// Nor is what only becomes too long with what was there.
	screen.type(`${"x".repeat(4192)}${paste("y".repeat(4001))}`);
	await screen.waitForText(/4001 characters\? The line will be too long to send/);
	screen.type("\x03");
	await screen.waitForText(/x$/);
	expect(screen.text).not.toContain("xy");
});
