import { afterAll, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TestBrowser } from "../../support/browser.ts";
import { eventually } from "../../support/eventually.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { Bot, Stage } from "../../support/programs.ts";
import { configOf, WindowClient } from "./window-client.ts";

// What a window remembers is in the client's own files: the page has another port each time.

const stage = await Stage.local("--remember-days", "30");
const browser = await TestBrowser.launch();
afterAll(async () => {
	await browser[Symbol.asyncDispose]();
	await stage[Symbol.asyncDispose]();
});
const folder = join(configOf(stage).XDG_CONFIG_HOME, "fernet-chat");
const kept = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), "utf8"));
const devices = (): string[] => readdirSync(folder).filter((file) => file.startsWith("device-"));

test("a login, a device and choices are those of the terminal client, and outlast the window", async () => {
	const first = await WindowClient.open(stage);
	const ann = await browser.open(first.link.href);
	await ann.identify("ann", "ann@gmail.com");
	await ann.page.getByLabel(/password/i).fill(PASSWORD);
	await ann.page.getByLabel("Remember this device").check();
	await ann.page.getByRole("button", { name: "Log in" }).click();
	await ann.transcript.waitFor();
	expect(kept("login.json")).toEqual({ name: "ann", email: "ann@gmail.com" });
	expect(devices()).toHaveLength(1);
	const [device = ""] = devices();
	const secret = kept(device);
	await ann.say("/time off");
	await eventually("the choice", () => existsSync(join(folder, "preferences.json")));
	expect(kept("preferences.json")).toEqual({ time: "off" });
	const stored = await ann.page.evaluate("JSON.stringify([localStorage, sessionStorage])");
	expect(String(stored)).not.toContain(String(Object(secret).device));
	await ann.say("/leave");
	expect(await first.client.exit()).toBe(0);
	await ann.context.close();

	// A terminal client takes it from there, and changes it.
	const args = [...stage.clientArgs("--remember"), "--name", "ann", "--email", addressOf("ann")];
	const bot = stage.tidy(Bot.local(args, configOf(stage)));
	await bot.waitFor({ type: "welcome" });
	bot.send({ type: "leave" });
	expect(await bot.exit()).toBe(0);
	expect(kept(device)).not.toEqual(secret);

	const second = await WindowClient.open(stage);
	const again = await browser.open(second.link.href);
	await again.page.getByLabel("User name").waitFor();
	expect(await again.page.getByLabel("User name").inputValue()).toBe("ann");
	await again.page.getByRole("button", { name: "Continue" }).click();
	await again.transcript.waitFor();
	await again.say("/signout");
	await eventually("no device", () => devices().length === 0);
	second.client.kill();
	expect(await second.client.exit()).toBe(0);
	await again.context.close();
});
