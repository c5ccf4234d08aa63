import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { joinCommand } from "../../../lib/server/tls/join-command.ts";
import { canPaste, runOn, shellWord } from "../../../lib/util/shell-word.ts";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";

// The words of printed commands, typed into the shells that people use.

/** Each without the user's own settings. */
const SHELLS = [
	"sh -i",
	"bash --norc --noprofile -i",
	"zsh -f -i",
	"zsh -f -i -o extendedglob -o rcquotes -o magicequalsubst",
	"fish --no-config -i",
	"tcsh -f -i",
];

let folder = "";
/** A program that writes its arguments to a file, each with a NUL at its end. */
let args = "";
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "fernet-chat-words-"));
	args = join(folder, "args");
	await writeFile(
		args,
		`#!/bin/sh\nout=$1\nshift\nprintf '%s\\0' "$@" >"$out.new"\nmv "$out.new" "$out"\n`,
	);
	await chmod(args, 0o700);
});
afterAll(() => rm(folder, { recursive: true }));

/** Types the words on a terminal, as arguments of one command; returns what the command got. */
async function typedInto(shell: string, words: string): Promise<string[]> {
	const out = join(folder, shell.replaceAll(" ", "_"));
	let screen = "";
	const running = Bun.spawn(shell.split(" "), {
		cwd: folder,
		env: {
			PATH: process.env.PATH,
			HOME: folder,
			TERM: "dumb",
			LANG: "C.UTF-8",
			HISTFILE: "/dev/null",
		},
		terminal: {
			cols: 200,
			rows: 24,
			data: (_, bytes) => {
				screen += bytes;
			},
		},
	});
	try {
		running.terminal?.write(`${args} ${out} ${words}\n`);
		const found = await eventually(
			`arguments from ${shell}`,
			() => readFile(out, "utf8").catch(() => null),
			() => screen,
		);
		return found.split("\0").slice(0, -1);
	} finally {
		running.kill("SIGKILL");
		await running.exited;
		running.terminal?.close();
	}
}

const TEXTS = [
	...["chat.example:5050", "[::1]:5050#3f2a", "[2001:db8::7]:5050", "chat.example#3f2a"],
	...["/srv/my room/keys", "/srv/ann's", "~/keys", "~", "=ls", "%1", "-x", "a=~/b"],
	...["!!", "a!b", "it's \\ here!", "'", "\\", "\\'", "'!'", "\\\\n", "C:\\new", "ends in \\"],
	...['"$HOME"', "$(exit)", "`exit`", "$x", "a&b;c|d>e<f", "*", "?", "{a,b}", "(a)", "^a^b"],
	...["", " ", "#", "# no comment", "a#b", "@", "Jürgens/Schlüssel", "😀", "x".repeat(100)],
];

const fingerprint = "3f2a".repeat(16);
const selfSigned = { name: undefined, fingerprint, isSelfSigned: true };
const CLIENT = "bun client.ts";
const joining = (host: string) => `${CLIENT} ${host}:5050#${fingerprint}`;
/** Sentences that end with a command, and the command's words, with a space between. */
const SENTENCES: [sentence: string, command: string][] = [
	[joinCommand({ host: "::1", port: 5050 }, selfSigned), joining("[::1]")],
	[joinCommand({ host: "chat.example", port: 5050 }, selfSigned), joining("chat.example")],
	[
		joinCommand({ host: "::", port: 5050 }, selfSigned, [
			{ host: "chat.example", port: 0, fingerprints: [] },
			{ host: "fd00::7", port: 6000, fingerprints: ["0".repeat(64), "1".repeat(64)] },
		]),
		`${joining("chat.example")},[fd00::7]:6000#${"0".repeat(64)}#${"1".repeat(64)}`,
	],
	[
		reason("server_unknown", "it's!:5050", fingerprint, "Nobody vouches for it.", CLIENT).text,
		joining("it's!"),
	],
	[
		reason("server_changed", "[fd00::7]:5050", ["0".repeat(64)], fingerprint, CLIENT).text,
		joining("[fd00::7]"),
	],
	[runOn("chmod 700", "/srv/ann's\\keys!"), "chmod 700 /srv/ann's\\keys!"],
];
const commandIn = (sentence: string): string => sentence.replace(/^.*: (?=bun|chmod)/, "");

describe("a word is typed into", () => {
	test.each(SHELLS)("%s", async (shell) => {
		const commands = SENTENCES.map(([sentence]) => commandIn(sentence));
		const words = [...TEXTS.map(shellWord), ...commands].join(" ");
		const expected = SENTENCES.flatMap(([, command]) => command.split(" "));
		expect(await typedInto(shell, words)).toEqual([...TEXTS, ...expected]);
	});
});

test("a word that no shell changes stays as it is", () => {
	for (const text of ["/srv/keys", "chat.example:5050", "10.0.0.1:5050", "./a-b_c.d"])
		expect(shellWord(text)).toBe(text);
});

test.each(["a\nb", "\u001b[31m", "a\rb", "a\tb", "\u202e", "\u200b", "a\u2028b", "\u009b"])(
	"%j is not put into a command",
	(text) => {
		expect(canPaste(text)).toBe(false);
		expect(runOn("chmod 700", `/x${text}`)).toBe("Run chmod 700 on it");
	},
);

test("what is to be run on a file can be pasted", () => {
	expect(runOn("chmod 700", "/srv/keys")).toBe("Run: chmod 700 /srv/keys");
	expect(runOn("chmod 600", "/srv/my room")).toBe("Run: chmod 600 '/srv/my room'");
});
