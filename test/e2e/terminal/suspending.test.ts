import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { Shell } from "../../support/shell.ts";
import { Screen } from "../../support/terminal.ts";
import { enter, say, textsFrom, waitForMessage, waitUntilTyped } from "./visit.ts";

// The client is stopped and goes on, under a shell with job control in tmux.

const CTRL_Z = "\x1a";
const CTRL_C = "\x03";
const CTRL_D = "\x04";

let stage: Stage;
let bob: Peer;
beforeAll(async () => {
	stage = await Stage.open();
	bob = await Peer.member(stage, "bob");
});
afterAll(() => stage[Symbol.asyncDispose]());

const who = (name: string): string[] => ["--name", name, "--email", `${name}@gmail.com`];

/** Stops the program by `how`, uses the shell, and goes on; `meanwhile` happens in between. */
async function stopAndGoOn(
	shell: Shell,
	how: (shell: Shell) => void = () => shell.type(CTRL_Z),
	meanwhile: () => void = () => {},
): Promise<void> {
	how(shell);
	await shell.waitForPrompt();
	meanwhile();
	shell.type("fg\r");
}

/** What the program shows since it goes on. */
const sinceThen = (shell: Shell) => (): string => shell.below(/^\$ fg/);

test("the login page: each question, with what was typed, and while it waits", async () => {
	await using shell = await Shell.open();
	shell.start(stage.clientArgs());
	await shell.waitForText(/User name/);
	shell.type("an");
	await shell.waitForText(/^│ {2}an/m);
	await stopAndGoOn(shell);
	await shell.waitForText(/◆ {2}User name\n│ {2}an/, sinceThen(shell));
	await stopAndGoOn(shell, () => process.kill(shell.children[0] ?? 0, "SIGSTOP"));
	await shell.waitForText(/◆ {2}User name\n│ {2}an/, sinceThen(shell));
	shell.type("n\r");
	await shell.waitForText(/Mail address/, sinceThen(shell));
	await stopAndGoOn(shell, undefined, () => shell.resize(60, 30));
	await shell.waitForText(/◆ {2}Mail address/, sinceThen(shell));
	shell.type("ann@gmail.com\r");
	await shell.waitForText(/Password/, sinceThen(shell));
	shell.type(PASSWORD.slice(0, 5));
	await shell.waitForText(/▪{5}/, sinceThen(shell));
	await stopAndGoOn(shell, () => process.kill(shell.children[0] ?? 0, "SIGTSTP"));
	await shell.waitForText(/◆ {2}Password\n│ {2}▪{5}[_█]?\n/, sinceThen(shell));
	stage.server.kill("SIGSTOP");
	shell.type(`${PASSWORD.slice(5)}\r`);
	await shell.waitForText(/Checking your password/, sinceThen(shell));
	await stopAndGoOn(shell);
	await shell.waitForText(/Checking your password/, sinceThen(shell));
	stage.server.kill("SIGCONT");
	await shell.waitForText(/You are ann/, sinceThen(shell));
	shell.type("as ever\r");
	await waitForMessage(bob, { type: "said", from: "ann", text: "as ever" });
	expect(textsFrom(bob, "ann")).toEqual(["as ever"]);
	expect(await shell.written()).not.toContain(PASSWORD);
	shell.type(CTRL_D);
	await shell.waitForText(/You left the room\.\n\$$/);
}, 30_000);

const ways: [how: string, stop: (shell: Shell) => void, isTold: boolean][] = [
	["Ctrl-Z", (shell) => shell.type(CTRL_Z), true],
	["Ctrl-Z in kitty's protocol", (shell) => shell.type("\x1b[122;5u"), true],
	["SIGTSTP", (shell) => process.kill(shell.children[0] ?? 0, "SIGTSTP"), true],
	["SIGSTOP", (shell) => process.kill(shell.children[0] ?? 0, "SIGSTOP"), false],
];
const [WIDE, NARROW] = [100, 70];
/** A draft that fits one row of a wide terminal, and not of a narrow one. */
const draftOf = (index: number): string => `draft ${index} ${"x".repeat(WIDE - 25)}`;
const shownIn = (columns: number, draft: string): RegExp =>
	RegExp(`^to all> ${draft.replace(/x+$/, columns === WIDE ? "x{75}" : "x+\\n┊ x+")}$`, "m");

test("the room: draft, keys, paste and screen are there again, at the size that it has by then", async () => {
	await using shell = await Shell.open({ FERNET_CHAT_PASSWORD: PASSWORD });
	shell.start(stage.clientArgs(...who("carl")));
	await shell.waitForText(/You are carl/);
	for (const [index, [how, stop, isTold]] of ways.entries()) {
		const [before, after] = index % 2 === 0 ? [WIDE, NARROW] : [NARROW, WIDE];
		const draft = draftOf(index);
		shell.type(draft);
		await shell.waitForText(shownIn(before, draft));
		stop(shell);
		await shell.waitForText(/Stopped/, sinceThen(shell));
		// bash sets the mode for its own prompt, at the earliest behind the word that it writes.
		const given = (await shell.written()).replace(/Stopped(?![\s\S]*Stopped)[\s\S]*/, "");
		if (isTold) expect([how, ...lastModes(given)]).toEqual([how, "off", "off"]);
		await shell.waitForPrompt();
		if (isTold) expect(shell.text).not.toContain("to all>");
		say(bob, `meanwhile ${index}`);
		shell.resize(after, 40);
		shell.type("fg\r");
		await shell.waitForText(shownIn(after, draft), sinceThen(shell));
		await shell.waitForText(RegExp(`bob: meanwhile ${index}$`, "m"), sinceThen(shell));
		shell.type(`\x01!\x05\x1b[200~\n${how}\x1b[201~\r`);
		await waitForMessage(bob, { type: "said", from: "carl", text: `!${draft}\n${how}` });
		expect([how, ...lastModes(await shell.written())]).toEqual([how, "on", "on"]);
	}
	shell.type(CTRL_D);
	await shell.waitForText(/You left the room\.\n\$$/);
}, 30_000);

/** Of reports of pastes and of the focus. */
const lastModes = (written: string): string[] =>
	[2004, 1004].map((mode) => {
		const [on, off] = ["h", "l"].map((end) => written.lastIndexOf(`\x1b[?${mode}${end}`));
		return Number(on) > Number(off) ? "on" : "off";
	});

test("in the background it waits for the terminal, and takes nothing from the shell", async () => {
	await using shell = await Shell.open({ FERNET_CHAT_PASSWORD: PASSWORD });
	shell.start(stage.clientArgs(...who("dora")), " &");
	await waitForMessage(bob, { type: "joined", name: "dora" });
	shell.type("echo $((50 + 2))\r");
	await shell.waitForText(/^52$/m);
	await eventually("stopped", () => {
		shell.type("\r");
		return /Stopped/.test(shell.text);
	});
	shell.type("fg\r");
	await shell.waitForText(/You are dora.*\n(.*\n)*to all>$/, sinceThen(shell));
	expect(sinceThen(shell)()).not.toMatch(/to all>[\s\S]*to all>/);
	shell.type(CTRL_Z);
	await shell.waitForPrompt();
	shell.type("bg\r");
	await shell.waitForText(/&$/m);
	shell.type("echo $((50 + 3))\r");
	await shell.waitForText(/^53$/m);
	shell.type("fg\r");
	await shell.waitForText(/^to all>$/m, sinceThen(shell));
	shell.type("back\r");
	await waitForMessage(bob, { type: "said", from: "dora", text: "back" });
});

test("plain lines: a question, the hidden password, the room", async () => {
	await using shell = await Shell.open();
	shell.start(stage.clientArgs("--email", "finn@gmail.com", "--plain"));
	await shell.waitForText(/User name:$/);
	await stopAndGoOn(shell);
	shell.type("finn\r");
	await shell.waitForText(/Password.*:$/, sinceThen(shell));
	shell.type(PASSWORD.slice(0, 5));
	await stopAndGoOn(shell);
	await shell.waitForText(/Password.*:$/, sinceThen(shell));
	shell.type(`${PASSWORD.slice(5)}\r`);
	await shell.waitForText(/You are finn/, sinceThen(shell));
	await stopAndGoOn(shell, undefined, () => say(bob, "to finn"));
	await shell.waitForText(/bob: to finn/, sinceThen(shell));
	shell.type("plainly\r");
	await waitForMessage(bob, { type: "said", from: "finn", text: "plainly" });
	expect(await shell.written()).not.toMatch(/abcde|fghij/);
	shell.type(CTRL_D);
	await shell.waitForText(/You left the room\.\n\$$/);
}, 20_000);

test("where no shell could make it go on, it does not stop", async () => {
	await using screen = await enter(stage, "gina", { isProgram: true });
	screen.type(`half ${CTRL_Z}a line`);
	await waitUntilTyped(screen, "half a line|");
	expect(screen.isCooked).toBe(false);
	screen.type("\r");
	await waitForMessage(bob, { type: "said", from: "gina", text: "half a line" });
	await using asking = new Screen("client.ts", stage.clientArgs());
	await asking.waitForText("User name");
	asking.type(`hal${CTRL_Z}`);
	await eventually("asked again", () => asking.text.split("User name").length > 2);
	asking.type("\r");
	await asking.waitForText(/◇ {2}User name\n│ {2}hal\n/);
	expect(asking.isCooked).toBe(false);
});

test("started to ignore being stopped, it goes on", async () => {
	await using shell = await Shell.open({ FERNET_CHAT_PASSWORD: PASSWORD });
	shell.type("trap '' TSTP\r");
	shell.start(stage.clientArgs(...who("hana")));
	await shell.waitForText(/You are hana/);
	shell.type(`half ${CTRL_Z}a line\r`);
	await waitForMessage(bob, { type: "said", from: "hana", text: "half a line" });
	expect(shell.text).not.toContain("Stopped");
	shell.type(CTRL_D);
	await shell.waitForText(/You left the room\.\n\$$/);
}, 20_000);

test("a login page that begins in the background is drawn once, when it comes to the front", async () => {
	await using shell = await Shell.open();
	shell.start(stage.clientArgs(), " &");
	await eventually("stopped", () => {
		shell.type("\r");
		return /Stopped/.test(shell.text);
	});
	shell.type("fg\r");
	await shell.waitForText(/User name/, sinceThen(shell));
	shell.type("ivy\r");
	await shell.waitForText(/◇ {2}User name\n│ {2}ivy\n[\s\S]*Mail address/);
	expect(shell.text.split("User name")).toHaveLength(2);
	shell.type(CTRL_C);
	await shell.waitForText(/\$ *$/);
}, 20_000);
