import { afterAll, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type PersonPage, TestBrowser } from "../../support/browser.ts";
import { ELSEWHERE } from "../../support/certificates.ts";
import { LocalClient } from "../../support/local-client.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { TlsStage } from "../tls/tls-stage.ts";
import { WindowClient } from "./window-client.ts";

// A server on another machine is trusted as in a terminal; the person is asked in the window.

const tls = await TlsStage.open();
const browser = await TestBrowser.launch();
afterAll(async () => {
	await browser[Symbol.asyncDispose]();
	await tls[Symbol.asyncDispose]();
});
const address = `${ELSEWHERE}:${tls.port}`;
const file = (name: string): string => join(tls.home(name), "fernet-chat", "servers.json");

/** The window of a client on another device: it shares no keys folder with the server. */
async function openWindow(name: string, where = address): Promise<[WindowClient, PersonPage]> {
	const args = ["--window", where, "--keys", join(tls.folder, `${name}-keys`), "--name", name];
	const client = tls.stage.tidy(new LocalClient(args, { XDG_CONFIG_HOME: tls.home(name) }));
	const window = await WindowClient.of(client);
	return [window, await browser.open(window.link.href)];
}

test("an unknown server is asked about in the window, before anything else, and remembered", async () => {
	const [{ client }, ann] = await openWindow("ann");
	const question = ann.page.getByRole("dialog");
	await question.waitFor();
	expect(await question.textContent()).toContain(tls.fingerprint);
	expect(await ann.page.getByLabel("User name").isVisible()).toBe(false);
	await ann.answer("Yes");
	await ann.logIn("ann", PASSWORD);
	expect(JSON.parse(readFileSync(file("ann"), "utf8"))).toEqual({ [address]: tls.fingerprint });
	await ann.page.getByRole("button", { name: "Leave" }).click();
	await ann.page.getByRole("heading", { name: "Goodbye" }).waitFor();
	await ann.page.getByText("You can close this window.").waitFor();
	expect(await client.exit()).toBe(0);
	expect(ann.faults).toEqual([]);
	await ann.context.close();
});

test("a no ends it, with nothing sent and nothing remembered", async () => {
	const [{ client }, bea] = await openWindow("bea");
	await bea.answer("No");
	await bea.page.getByText("You did not log in.").waitFor();
	expect(await client.exit()).toBe(0);
	expect(() => readFileSync(file("bea"))).toThrow();
	await bea.context.close();
});

const changes: [what: string, name: string, where: string, known: object, said: string][] = [
	["has changed", "cleo", address, { [address]: "0".repeat(64) }, "has changed from"],
	["is not the one given", "dora", `${address}#${"1".repeat(64)}`, {}, "different fingerprint"],
];

test.each(changes)(
	"a fingerprint that %s is refused, unasked",
	async (_, name, where, known, said) => {
		mkdirSync(join(tls.home(name), "fernet-chat"), { recursive: true, mode: 0o700 });
		writeFileSync(file(name), JSON.stringify(known), { mode: 0o600 });
		const [{ client }, person] = await openWindow(name, where);
		await person.page.getByRole("heading", { name: "not the right one" }).waitFor();
		await person.page.getByText(said).waitFor();
		expect(await person.page.getByText(tls.fingerprint).count()).toBeGreaterThan(0);
		expect(await client.exit()).toBe(3);
		expect(client.out).toContain(said);
		expect(await person.page.getByRole("button").count()).toBe(0);
		await person.context.close();
	},
);
