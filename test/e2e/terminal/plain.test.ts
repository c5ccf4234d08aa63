import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Screen } from "../../support/terminal.ts";
import {
	bob,
	CTRL_D,
	everythingHappens,
	expectPlain,
	folder,
	stage,
	usePlainRoom,
	who,
} from "./plain-room.ts";
import { enter, waitForMessage } from "./visit.ts";

usePlainRoom();

// The client without colour, without a terminal, or on a dumb one.

const CTRL_C = "\x03";

/** The last line; a terminal that echoes may have put its `^C` before it. */
const THE_END = new RegExp(`\\n(\\^C)?▐ ${reason("left").text}$`);

describe("NO_COLOR", () => {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: matches the escape sequences of colours
	const SGR = /\x1b\[([\d;:]*)m/g;
	/** The numbers of all SGR sequences that mean a colour. */
	const colours = (written: string): number[] =>
		Array.from(written.matchAll(SGR), ([, list = ""]) => list.split(/[;:]/))
			.flat()
			.map(Number)
			.filter((code) => (code >= 30 && code <= 49) || (code >= 90 && code <= 107));

	const values: [env: Record<string, string>, isColoured: boolean][] = [
		[{ NO_COLOR: "1" }, false],
		[{ NO_COLOR: "0" }, false],
		[{ NO_COLOR: "" }, true],
		[{}, true],
	];
	test.each(values)("%j: a whole terminal, in colour: %p", async (env, isColoured) => {
		await using screen = await enter(stage, "ann", { env });
		await everythingHappens((text) => screen.waitForText(text));
		screen.type("/tell bob secret");
		await screen.waitForText(/^ ?to bob only ?> \/tell bob secret/m);
		screen.type("\r");
		await waitForMessage(bob, { type: "told", from: "ann" });
		expect(colours(screen.written).length > 0).toBe(isColoured);
		expect(screen.written).toContain("\x1b[?2004h");
		await screen.waitForText(/PRIVATE +bob → you: for you alone/);
		expect(screen.text).toMatch(/» bob: hello @ann/);
	});

	test("the login page is without colour too", async () => {
		const env = { NO_COLOR: "1", HOME: folder };
		await using screen = new Screen("client.ts", stage.clientArgs(), { env });
		await screen.waitForText("User name");
		screen.type("a b\r");
		await screen.waitForText("A name is");
		expect(colours(screen.written)).toEqual([]);
	});
});

type Question = [flags: string[], question: string];

const plainly: [how: string, flags: string[], env: Record<string, string>][] = [
	["--plain", ["--plain"], {}],
	["FERNET_CHAT_PLAIN=1", [], { FERNET_CHAT_PLAIN: "1" }],
	["TERM=dumb", [], { TERM: "dumb" }],
];

describe.each(plainly)("%s", (how, flags, extra) => {
	let homes = 0;
	const openWith = (isLocal: boolean, ...more: string[]): Screen =>
		new Screen("client.ts", stage.clientArgs(...more, ...flags), {
			// A folder of its own, so that the client offers nothing from an earlier run.
			env: { ...extra, XDG_CONFIG_HOME: join(folder, `${how}-${++homes}`) },
			...{ cols: 200, isLocal },
		});
	const open = (...more: string[]): Screen => openWith(true, ...more);

	test("lines in, lines out, commands too, and nothing for a terminal to obey", async () => {
		await using screen = await enter(stage, "ann", { flags, env: extra, cols: 200 });
		await everythingHappens((text) => screen.waitForText(text));
		await screen.waitForText(/bob: one\n.*two \^\[\[31mred\^\[\]0;title\^G <9b>1m +tab \^\?/);
		await screen.waitForText(/PRIVATE +bob → you: for you alone/);
		screen.type("my line\n/who\n/nonsense\n/reply an answer\n");
		await waitForMessage(bob, { type: "said", from: "ann", text: "my line" });
		await waitForMessage(bob, { type: "told", from: "ann", text: "an answer" });
		await screen.waitForText(/^▐ -- 2 people are here:\n/m);
		await screen.waitForText("!! There is no command /nonsense.");
		await screen.waitForText(/PRIVATE +you → bob: an answer/);
		screen.type("/leave\n");
		expect(await screen.exit()).toBe(0);
		await screen.waitForText(THE_END);
		expectPlain(screen.written);
	});

	test("the login: checked as it is typed, the password not shown, backspace in it", async () => {
		await using screen = open();
		await screen.waitForText(/User name:$/m);
		await screen.waitForText("Log in with your password at localhost.");
		screen.type("no name\n");
		await screen.waitForText("A name is 1 to 24");
		screen.type("\x15ann\n");
		await screen.waitForText(/Mail address:$/m);
		screen.type("nowhere\n");
		await screen.waitForText("Give an address");
		screen.type("ann@gmail.com\n");
		await screen.waitForText("Password");
		await eventually("no echo", () => !screen.isCooked);
		screen.type(`${PASSWORD.slice(0, 5)}zy\x7f\b${PASSWORD.slice(5)}\r`);
		await screen.waitForText("You are ann");
		expect(screen.isCooked).toBe(true);
		expect(stage.logins.at(-1)).toBe("ann@gmail.com");
		for (const part of [PASSWORD.slice(0, 5), PASSWORD.slice(5), "*"]) {
			expect(screen.written).not.toContain(part);
		}
		screen.type("typed after it\n");
		await waitForMessage(bob, { type: "said", from: "ann", text: "typed after it" });
		screen.type(CTRL_D);
		expect(await screen.exit()).toBe(0);
		expectPlain(screen.written);
	});

	// Whatever asks for plain lines, the same code prints them from here on.
	if (how !== "--plain") return;

	test("a refused login: why, and the page again, with what was typed offered", async () => {
		await using screen = open(...who("ann"));
		await screen.waitForText("Password");
		await eventually("no echo", () => !screen.isCooked);
		screen.type("wrongwrongwrongw\r");
		await screen.waitForText(/rejected this address[\s\S]*User name \(ann\):$/m);
		screen.type("\n");
		await screen.waitForText(/Mail address \(ann@gmail\.com\):$/m);
		screen.type("\n");
		await eventually("no echo", () => !screen.isCooked);
		screen.type(`${PASSWORD}\r`);
		await screen.waitForText("You are ann");
		expectPlain(screen.written);
	});

	test("a taken name: another, and not the password again", async () => {
		await using screen = open("--name", "b0b", "--email", "other@gmail.com");
		await screen.waitForText("Password");
		await eventually("no echo", () => !screen.isCooked);
		screen.type(`${PASSWORD}\r`);
		await screen.waitForText(
			/who is here\. .*You need not type your password again\.\n▐ User name \(b0b\):$/,
		);
		screen.type("other\n");
		await screen.waitForText("You are other");
		expect(screen.text.split("Password (hidden").length).toBe(2);
		screen.type(CTRL_D);
		expect(await screen.exit()).toBe(0);
		expectPlain(screen.written);
	});

	const name: Question = [[], "User name"];
	const address: Question = [who("ann").slice(0, 2), "Mail address"];
	const password: Question = [who("ann"), "Password"];
	// The first two questions are read in the same way.
	const ends: [key: string, act: (screen: Screen) => void, questions: Question[]][] = [
		["Ctrl-C", (screen) => screen.type(CTRL_C), [name, address, password]],
		["Ctrl-D", (screen) => screen.type(CTRL_D), [address, password]],
		["SIGTERM", (screen) => screen.kill("SIGTERM"), [name, password]],
	];
	test.each(ends)(
		"%s at a question of the login leaves the terminal as it was",
		async (_, act, questions) => {
			for (const [flags, question] of questions) {
				await using screen = openWith(false, ...flags);
				await screen.waitForText(question);
				if (question === "Password") await eventually("no echo", () => !screen.isCooked);
				act(screen);
				expect([question, await screen.exit(), screen.isCooked]).toEqual([question, 0, true]);
				expectPlain(screen.written);
			}
		},
	);

	test("Ctrl-C in the room leaves it", async () => {
		await using screen = await enter(stage, "ann", { flags, env: extra, isProgram: true });
		screen.type(CTRL_C);
		expect(await screen.exit()).toBe(0);
		await screen.waitForText(THE_END);
		expectPlain(screen.written);
	});
});

test("an empty password is asked for again, and no mailbox is asked", async () => {
	const args = stage.clientArgs(...who("ann"), "--plain");
	const env = { XDG_CONFIG_HOME: folder };
	await using screen = new Screen("client.ts", args, { env, isLocal: true });
	await screen.waitForText("Password");
	await eventually("no echo", () => !screen.isCooked);
	const before = stage.logins.length;
	screen.type("\r");
	await screen.waitForText(/Password[\s\S]*Password/);
	expect(screen.text).not.toContain("User name");
	expect(stage.logins).toHaveLength(before);
});
