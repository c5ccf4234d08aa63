import { afterAll, expect, test } from "bun:test";
import { TestBrowser } from "../../support/browser.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";
import { WindowClient } from "./window-client.ts";

// The room in a client's window: the page is the one of `--web`, the way to the room is the client's.

const stage = await Stage.openWith({ endsWhenEmpty: true });
const browser = await TestBrowser.launch();
afterAll(async () => {
	await browser[Symbol.asyncDispose]();
	await stage[Symbol.asyncDispose]();
});

test("a person logs in, talks with a terminal, reloads, closes the window, and so ends the room", async () => {
	const bob = await stage.member("bob");
	const before = await stage.keyFiles();
	const { client, link, secret } = await WindowClient.program(stage, "--name", "ann");
	const ann = await browser.open(link.href);
	const { page } = ann;

	await page.getByRole("heading", { name: `fernet-chat at 127.0.0.1:${stage.port}` }).waitFor();
	expect(new URL(page.url()).hash).toBe("");
	expect(await page.getByLabel("User name").inputValue()).toBe("ann");
	await ann.identify("ann", "ann@gmail.com");
	await page.getByLabel(/password/i).fill("aaaabbbbccccdddd");
	await page.getByRole("button", { name: "Log in" }).click();
	await page.getByText("rejected this address and password").waitFor();
	await page.getByLabel(/password/i).fill(PASSWORD);
	await page.getByRole("button", { name: "Log in" }).click();
	await ann.transcript.waitFor();
	await client.waitForOutput("You are in the room as ann.");
	expect(await stage.keyFiles()).toHaveLength(before.length + 1);

	await ann.say("hello from the window");
	await bob.waitFor({ type: "said", from: "ann", text: "hello from the window" });
	bob.say("hello from the terminal");
	await ann.reads("hello from the terminal");

	await page.getByLabel("Message").fill("half a sent");
	await page.reload();
	await page.getByText("You missed nothing.").waitFor();
	expect(await page.getByLabel("Message").inputValue()).toBe("half a sent");
	bob.say("still there?");
	await ann.reads("still there?");
	expect(bob.lines.filter(({ type }) => type === "left")).toEqual([]);
	await eventually(
		"one key file",
		async () => (await stage.keyFiles()).length === before.length + 1,
	);

	bob.send({ type: "leave" });
	await ann.reads("bob left");
	expect(ann.faults).toEqual([]);
	await page.close({ runBeforeUnload: true });
	expect(await client.exit()).toBe(0);
	expect(client.out).toEndWith("The window was closed. You left the room.\n");
	expect(client.out.split(secret)).toHaveLength(2);
	expect(client.err).toBe("");
	expect(await stage.server.exit()).toBe(0);
	expect(stage.server.out).toContain("ended");
	expect(await stage.keyFiles()).toEqual([]);
	await ann.context.close();
});
