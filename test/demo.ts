#!/usr/bin/env bun

// The whole story in one terminal, with no account: a mailbox on loopback stands in for Gmail.

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { shellWord } from "../lib/util/shell-word.ts";
import { Hosts } from "./demo-hosts.ts";
import { eventually } from "./support/eventually.ts";
import { PASSWORD } from "./support/mailbox.ts";
import { type Bot, Stage } from "./support/programs.ts";
import { ROOT } from "./support/root.ts";
import { tap, type WireTap } from "./support/tap.ts";
import { Screen } from "./support/terminal.ts";

const WIDTH = 88;
/** Milliseconds that the others have to hear that somebody has left. */
const FAREWELL = 2000;

const say = (text: string): void => console.log(text);
const step = (title: string): void => say(`\n${title}`);
const show = (text: string): void => say(text.replace(/^/gm, "    "));
const cut = (line: string): string => (line.length > WIDTH ? `${line.slice(0, WIDTH)}…` : line);

/** The newest line that passed from one side. */
function newest(wire: WireTap, from: "client" | "server"): string {
	return cut(wire.lines.findLast((passed) => passed.from === from)?.line ?? "");
}

async function readsAll(bots: Bot[], text: string): Promise<void> {
	for (const bot of bots) show(JSON.stringify(await bot.waitFor({ type: "said", text })));
}

async function story(): Promise<void> {
	await using stage = await Stage.openWith({ endsWhenEmpty: true });
	await using wire = await tap(stage.port);

	step("1. bun server.ts");
	show(stage.server.out.trim());

	step("2. Ann tries a wrong password. The server asks the mailbox, which says no:");
	const refused = stage.botProgram("ann", "her-normal-password", wire.port);
	show(JSON.stringify(await refused.waitFor({ type: "denied" })));

	step("3. Ann and Bob log in. Each client made a key and saved it where the server looks:");
	const ann = stage.botProgram("ann", PASSWORD, wire.port);
	show(JSON.stringify(await ann.waitFor({ type: "welcome" })));
	const bob = stage.botProgram("bob", PASSWORD, wire.port);
	show(JSON.stringify(await bob.waitFor({ type: "welcome" })));
	for (const name of await stage.keyFiles()) {
		const { mode, size } = await stat(join(stage.keys, name));
		show(`keys/${name}  mode ${(mode & 0o777).toString(8).padStart(4, "0")}, ${size} bytes`);
	}

	step("4. Bob says something. On the wire, from Bob under his key and to all under the room's:");
	const text = "The walls have ears, and all they hear is tokens.";
	bob.say(text);
	await ann.waitFor({ type: "said", text });
	show(newest(wire, "client"));
	show(newest(wire, "server"));
	step("   What Ann and Bob read:");
	await readsAll([ann, bob], text);

	await (process.stdin.isTTY ? joinIn(stage, ann, bob) : watch(stage, ann));

	step("6. Everybody leaves, so the room ends:");
	for (const bot of [ann, bob]) bot.send({ type: "leave" });
	const code = await stage.server.exit();
	show(`${stage.server.out.trim().split("\n").at(-1)}  (exit code ${code})`);
	show(`session keys left: ${(await stage.keyFiles()).length}`);
	if (code !== 0) process.exitCode = 1;
}

/** The person at this terminal joins; others may, too. Waits until all of them have left. */
async function joinIn(stage: Stage, ann: Bot, bob: Bot): Promise<void> {
	step(`5. Your turn. Any name and address will do; the password is ${PASSWORD}`);
	show(
		`To join from a second terminal, too:\n\nbun client.ts ${stage.clientArgs().map(shellWord).join(" ")}\n`,
	);
	using hosts = new Hosts(ann, bob);
	const args = [process.execPath, join(ROOT, "client.ts"), ...stage.clientArgs()];
	// The client must not remember a name and an address that are only for the demo.
	const env = { ...process.env, XDG_CONFIG_HOME: "/dev/null" };
	await Bun.spawn(args, { env, stdio: ["inherit", "inherit", "inherit"] }).exited;
	await Promise.race([hosts.waitUntilAlone(), Bun.sleep(FAREWELL)]);
	if (hosts.guests.length === 0) return;
	show(`Still here: ${hosts.guests.join(", ")}. The demo ends when they leave, or with Ctrl-C.`);
	const interrupted = new Promise<void>((resolve) => process.once("SIGINT", resolve));
	await Promise.race([hosts.waitUntilAlone(), interrupted]);
}

/** Without a person here: runs the real client on a pseudo-terminal, and prints its screen. */
async function watch(stage: Stage, ann: Bot): Promise<void> {
	step("5. bun client.ts, on a terminal:");
	const flags = stage.clientArgs("--name", "carol", "--email", "carol@gmail.com");
	await using screen = new Screen("client.ts", flags, { cols: WIDTH, rows: 40 });
	await screen.waitForText("Password");
	screen.type(`${PASSWORD}\r`);
	await ann.waitFor({ type: "joined", name: "carol" });
	ann.say("Welcome, Carol!");
	await screen.waitForText("Welcome, Carol!");
	screen.type("Thank you. /help told me how to leave.\r");
	await ann.waitFor({ type: "said", from: "carol" });
	screen.type("/leave\r");
	await eventually("carol gone", () => ann.lines.some(({ type }) => type === "left"));
	await screen.exit();
	show(screen.text);
}

say("fernet-chat: a chat room for people who already have a Gmail address.");
say("The server reads what is said; nobody else on the way does.");
await story();
