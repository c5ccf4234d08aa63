import { describe, expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { LocalClient } from "../../support/local-client.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Program, Stage } from "../../support/programs.ts";
import { ROOT } from "../../support/root.ts";
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
import { textsFrom, waitForMessage } from "./visit.ts";

// Input or output that is no terminal.

usePlainRoom();

/** A client without prompts whose input and output are what the shell's `redirection` says. */
async function redirected(redirection: string, input: string) {
	const [from, to] = [join(folder, "in"), join(folder, "out")];
	await writeFile(from, input);
	await writeFile(to, "");
	const screen = { written: "" };
	const client = [process.execPath, join(ROOT, "client.ts"), ...stage.clientArgs(...who("ann"))];
	const shell = Bun.spawn(["sh", "-c", `exec "$@" ${redirection}`, "sh", ...client], {
		env: {
			...{ PATH: process.env.PATH, HOME: folder, TERM: "xterm-256color" },
			...{ FERNET_CHAT_PASSWORD: PASSWORD, IN: from, OUT: to },
		},
		terminal: {
			data: (_, bytes) => {
				screen.written += Buffer.from(bytes).toString();
			},
		},
	});
	return {
		screen,
		type: (keys: string) => shell.terminal?.write(keys),
		out: () => readFile(to, "utf8"),
		exit: () => shell.exited,
		async [Symbol.asyncDispose]() {
			shell.kill("SIGKILL");
			await shell.exited;
			shell.terminal?.close();
		},
	};
}

describe("no terminal", () => {
	const env = { FERNET_CHAT_PASSWORD: PASSWORD };
	const pipe = (...args: string[]): Program =>
		stage.tidy(new Program("client.ts", stage.clientArgs(...args), env));

	const inputs: [what: string, name: string, input: string, said: string[]][] = [
		["one line", "one", "hello\n", ["hello"]],
		["many lines", "many", "line\n".repeat(200), Array<string>(200).fill("line")],
		["nothing", "nothing", "", []],
		["no newline at the end", "unended", "hello", ["hello"]],
		["blank lines", "blank", "\n  \none\n\ntwo  \n", ["one", "two"]],
		["Windows' line ends", "windows", "one\r\ntwo\r\n", ["one", "two"]],
		["a slash to be said", "slash", "//etc/motd\n/nonsense\n", ["/etc/motd"]],
		["what is too long", "long", `${"x".repeat(9000)}\nafter\n`, ["after"]],
		["a byte order mark", "marked", "\ufeffone\n", ["one"]],
		["a mark before a command", "marking", "\ufeff/tell bob my secret\nafter\n", ["after"]],
		["nothing to be seen before a command", "unseen", "\u200b\u00a0/tell bob my secret\n", []],
		["nothing to be seen at all", "zero", "\u200b\u00ad\none\n", ["one"]],
	];
	const programs = ["many lines", "nothing"];
	test.each(inputs)("a pipe with %s: said, echoed, left", async (what, name, input, said) => {
		// What a line means does not depend on the pipe.
		const client = programs.includes(what)
			? pipe(...who(name))
			: stage.tidy(new LocalClient(stage.clientArgs(...who(name)), env));
		client.write(input);
		client.endInput();
		expect(await client.exit()).toBe(0);
		await waitForMessage(bob, { type: "left", name });
		expect(textsFrom(bob, name)).toEqual(said);
		expect(client.out.split("\n").filter((line) => line.includes(` ${name}: `))).toHaveLength(
			said.length,
		);
		expect(client.out.trimEnd().split("\n").at(-1)).toBe(`▐ ${reason("left").text}`);
		expectPlain(client.out + client.err);
	});

	test("a line that is not UTF-8 is refused, and the others are said", async () => {
		const client = pipe(...who("latin"));
		client.write(Buffer.from("caf\xe9\n/tell bob caf\xe9\ncaf\xc3\xa9\n", "latin1"));
		client.endInput();
		expect(await client.exit()).toBe(0);
		await waitForMessage(bob, { type: "left", name: "latin" });
		expect(textsFrom(bob, "latin")).toEqual(["café"]);
		for (const line of [1, 2]) {
			expect(client.out).toContain(`!! Not sent: Line ${line} of the input is not text in UTF-8.`);
		}
		expect(bob.messages.filter(({ type, from }) => type === "told" && from === "latin")).toEqual(
			[],
		);
	});

	test("output into a file, input from the keyboard", async () => {
		await using client = await redirected('>"$OUT"', "");
		await eventually("the welcome", async () => (await client.out()).includes("You are ann"));
		await everythingHappens((text) =>
			eventually(text, async () => (await client.out()).includes(text)),
		);
		client.type("from the keyboard\n");
		await waitForMessage(bob, { type: "said", from: "ann", text: "from the keyboard" });
		client.type(CTRL_D);
		expect(await client.exit()).toBe(0);
		expect(await client.out()).toEndWith(`\n▐ ${reason("left").text}\n`);
		expectPlain((await client.out()) + client.screen.written);
	});

	test("input from a file, output on the terminal", async () => {
		await using client = await redirected('<"$IN"', "from a file\n");
		expect(await client.exit()).toBe(0);
		await waitForMessage(bob, { type: "said", from: "ann", text: "from a file" });
		expect(client.screen.written).toContain("ann: from a file\r\n");
		expectPlain(client.screen.written);
	});

	test("without a name, an address and a password it exits with 1 and prompts for nothing", async () => {
		const client = pipe("--name", "ann");
		expect(await client.exit()).toBe(1);
		expect(client.err).toMatch(/^.*--email.*FERNET_CHAT_PASSWORD.*\n$/);
		expect(client.out).toBe("");
	});

	test("more lines than may be on their way at once are all said", async () => {
		await using other = await Stage.local();
		const bob = await other.member("bob");
		const args = other.clientArgs(...who("ann"));
		await using client = new Program("client.ts", args, { FERNET_CHAT_PASSWORD: PASSWORD });
		for (let line = 0; line < 400; line++) client.write(`line ${line}\n`);
		client.endInput();
		expect(await client.exit()).toBe(0);
		await bob.waitFor({ type: "left", name: "ann" });
		const said = bob.lines.filter(({ type }) => type === "said").map(({ text }) => text);
		expect(said).toEqual(Array.from({ length: 400 }, (_, line) => `line ${line}`));
	}, 30_000);

	test("a lost server, without patience: exit 3, and one line says so", async () => {
		await using other = await Stage.open();
		const args = other.clientArgs(...who("ann"), "--patience", "0");
		await using client = new Program("client.ts", args, { FERNET_CHAT_PASSWORD: PASSWORD });
		await client.waitForOutput("You are ann");
		other.server.kill("SIGKILL");
		expect(await client.exit()).toBe(3);
		expect(client.out).toEndWith("\n▐ The connection to the server was lost.\n");
		expectPlain(client.out + client.err);
	});
});
