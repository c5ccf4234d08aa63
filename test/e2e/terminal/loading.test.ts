import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PASSWORD } from "../../support/mailbox.ts";
import { Bot, Program, Stage } from "../../support/programs.ts";
import { ROOT } from "../../support/root.ts";
import { Screen } from "../../support/terminal.ts";
import { enter } from "./visit.ts";

// The client loads a user interface only where it needs it, because loading takes long.

let stage: Stage;
let folder: string;

beforeAll(async () => {
	stage = await Stage.local();
	folder = await mkdtemp(join(tmpdir(), "fernet-chat-loading-"));
});

afterAll(async () => {
	await stage[Symbol.asyncDispose]();
	await rm(folder, { recursive: true });
});

const PRELOAD = join(ROOT, "test/support/list-modules.ts");
const ANN = ["--name", "ann", "--email", "ann@gmail.com"];

/** An environment that makes a program list its modules in a file. */
const listingIn = (file: string): Record<string, string> => ({
	BUN_OPTIONS: `--preload=${PRELOAD}`,
	LOADED_MODULES: join(folder, file),
});

/** Which optional parts of the client an ended program had loaded. */
async function loadedIn(file: string): Promise<string[]> {
	const loaded = await readFile(join(folder, file), "utf8");
	expect(loaded).toContain("/lib/client/client.ts");
	const uis = [
		"@clack/",
		"/run-lines.ts",
		"/plain-page.ts",
		"/terminal-ui.ts",
		"/plain-ui.ts",
		"/json-ui.ts",
	];
	const parts = [...uis, "/lib/client/window/", "/lib/page/", "/lib/web/", "/open/"];
	return parts.filter((part) => loaded.includes(part));
}

test("--json loads no prompts and no screen", async () => {
	const env = { FERNET_CHAT_PASSWORD: PASSWORD, ...listingIn("json") };
	await using bot = Bot.program(stage.clientArgs(...ANN), env);
	await bot.waitFor({ type: "welcome" });
	bot.send({ type: "leave" });
	expect(await bot.exit()).toBe(0);
	expect(await loadedIn("json")).toEqual(["/json-ui.ts"]);
});

test("nor do plain lines, logged in unasked or by questions", async () => {
	const env = { FERNET_CHAT_PASSWORD: PASSWORD, ...listingIn("unasked") };
	await using program = new Program("client.ts", stage.clientArgs("--plain", ...ANN), env);
	await program.waitForOutput("You are ann");
	program.endInput();
	expect(await program.exit()).toBe(0);
	expect(await loadedIn("unasked")).toEqual(["/run-lines.ts", "/plain-ui.ts"]);

	const args = stage.clientArgs("--plain", ...ANN);
	await using screen = new Screen("client.ts", args, { env: listingIn("asked") });
	await screen.waitForText("Password");
	screen.type(`${PASSWORD}\r`);
	await screen.waitForText("You are ann");
	screen.type("/leave\r");
	expect(await screen.exit()).toBe(0);
	expect(await loadedIn("asked")).toEqual(["/run-lines.ts", "/plain-page.ts", "/plain-ui.ts"]);
});

test("a terminal loads its screen, and prompts only to ask something", async () => {
	await using screen = await enter(stage, "ann", { env: listingIn("screen"), isProgram: true });
	screen.type("/leave\r");
	expect(await screen.exit()).toBe(0);
	expect(await loadedIn("screen")).toEqual(["/run-lines.ts", "/terminal-ui.ts"]);

	const asking = new Screen("client.ts", stage.clientArgs(), { env: listingIn("prompts") });
	await using _ = asking;
	await asking.waitForText("User name");
	asking.type("\x03");
	expect(await asking.exit()).toBe(0);
	expect(await loadedIn("prompts")).toEqual(["@clack/", "/run-lines.ts"]);
});
