import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { TestBrowser } from "../../support/browser.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Program, Stage } from "../../support/programs.ts";
import { configOf, WindowClient } from "./window-client.ts";

// Which browser is started, and with what: a program in the path that writes down what it is given.

const stage = await Stage.local();
const folder = mkdtempSync(join(tmpdir(), "fernet-chat-opening-"));
afterAll(async () => {
	await stage[Symbol.asyncDispose]();
	rmSync(folder, { recursive: true });
});

let runs = 0;

/** Starts a client where these browsers are, each with the code that it ends with. */
async function start(browsers: Record<string, number>, more: Record<string, string>) {
	const bin = join(folder, `${++runs}`);
	const record = join(bin, "record");
	mkdirSync(bin);
	// Those that this machine may have come later in the path, and are not there for the test.
	const absent = ["google-chrome", "google-chrome-stable", "chromium", "chromium-browser"];
	// Without these, xdg-open goes by BROWSER.
	absent.push("xdg-mime", "run-mailcap", "mimeopen");
	const all = { ...Object.fromEntries(absent.map((name) => [name, 127])), ...browsers };
	for (const [name, code] of Object.entries(all)) {
		const script = `#!/bin/sh\necho "${name} $*" >> ${record}\nexit ${code}\n`;
		writeFileSync(join(bin, name), script, { mode: 0o755 });
	}
	const env = { ...configOf(stage), PATH: `${bin}:${process.env.PATH}`, DISPLAY: ":99", ...more };
	const client = stage.tidy(new Program("client.ts", ["--window", ...stage.clientArgs()], env));
	const { link } = await WindowClient.of(client);
	const started = (): string[] => {
		try {
			return readFileSync(record, "utf8").trim().split("\n");
		} catch {
			return [];
		}
	};
	return { client, link, started };
}

/** Of a file that leads to the link: nobody else can read it, and it goes with the client. */
async function expectLeading(url: string, { client, link }: Awaited<ReturnType<typeof start>>) {
	expect(url).not.toContain(link.hash.slice(1));
	const path = url.startsWith("file:") ? fileURLToPath(url) : url;
	expect(statSync(path).mode & 0o777).toBe(0o600);
	expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
	expect(readFileSync(path, "utf8")).toContain(`url=${link.href}"`);
	client.kill();
	expect(await client.exit()).toBe(0);
	expect(() => statSync(dirname(path))).toThrow();
	expect(client.err).toBe("");
}

test.each([
	["Chrome", { "google-chrome": 0, "microsoft-edge": 0 }, "google-chrome"],
	["Chromium, where Chrome does not start", { "google-chrome": 1, chromium: 0 }, "chromium"],
	["Edge", { "microsoft-edge": 0 }, "microsoft-edge"],
])(
	"%s opens a window of its own, and its command does not tell the secret",
	async (_, browsers, name) => {
		const run = await start(browsers, {});
		const [, url = ""] = await eventually(
			`a window of ${name}`,
			() => RegExp(`^${name} --app=(\\S+)$`).exec(run.started().at(-1) ?? ""),
			() => run.started().join("\n"),
		);
		await expectLeading(url, run);
	},
);

test("the window of a real browser has no place for an address, and closing it leaves the room", async () => {
	const bob = await stage.member("bob");
	const bin = join(folder, "real");
	mkdirSync(bin);
	const browserOf = TestBrowser.installIn(bin, "google-chrome");
	const env = { ...configOf(stage), PATH: `${bin}:${process.env.PATH}`, DISPLAY: ":99" };
	const client = stage.tidy(new Program("client.ts", ["--window", ...stage.clientArgs()], env));
	const { link } = await WindowClient.of(client);
	await using browser = await browserOf();
	const ann = await browser.shown();
	await ann.logIn("ann", PASSWORD);
	expect(ann.page.url()).toBe(link.href.replace(/#.*/, ""));
	expect(await ann.page.evaluate("matchMedia('(display-mode: browser)').matches")).toBe(false);
	await ann.say("hello");
	await bob.waitFor({ type: "said", from: "ann", text: "hello" });
	await ann.page.close({ runBeforeUnload: true });
	await bob.waitFor({ type: "left", name: "ann" });
	expect(await client.exit()).toBe(0);
	expect(client.err).toBe("");
});

test("without any of them it is the default browser's turn", async () => {
	const run = await start({ default: 0 }, { BROWSER: "default", XDG_CURRENT_DESKTOP: "" });
	const [, url = ""] = await eventually(
		"the default browser",
		() => /^default (\S+)$/.exec(run.started().at(-1) ?? ""),
		() => run.started().join("\n"),
	);
	await expectLeading(url, run);
});

test("without a browser or a screen the link is there, and the client goes on", async () => {
	const blind = await start({ "google-chrome": 0 }, { DISPLAY: "" });
	const lost = await start({}, { BROWSER: "none", XDG_CURRENT_DESKTOP: "" });
	// There is no place for the file that leads a browser to the link.
	const full = await start({ "google-chrome": 0 }, { TMPDIR: join(folder, "absent") });
	await eventually("all have been tried", () => lost.started().length >= 4);
	for (const { client } of [blind, lost, full]) {
		client.kill("SIGINT");
		expect(await client.exit()).toBe(0);
		expect(client.err).toBe("");
	}
	for (const { client, started } of [blind, full]) {
		expect(started()).toEqual([]);
		expect(client.out).toContain("Open this link in a browser on this machine:");
	}
});
