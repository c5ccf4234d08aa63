import { afterAll, expect, test } from "bun:test";
import { TestBrowser } from "../../support/browser.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";

const stage = await Stage.openWith({ isLocal: true, isPaged: true });
const browser = await TestBrowser.launch();
afterAll(async () => {
	await browser[Symbol.asyncDispose]();
	await stage[Symbol.asyncDispose]();
});

test("a page and a bot talk, and a reload goes on in mid-sentence", async () => {
	const ann = await browser.open(stage.url.href);
	await ann.logIn("ann", PASSWORD);
	const bob = await stage.bot("bob");
	await ann.say("hello from the page");
	await bob.waitFor({ type: "said", from: "ann", text: "hello from the page" });
	bob.say("hello from the bot");
	await ann.reads("hello from the bot");
	await ann.page.getByLabel("Message").fill("half a sent");
	await ann.page.reload();
	await ann.page.getByText("You missed nothing.").waitFor();
	expect(await ann.page.getByLabel("Message").inputValue()).toBe("half a sent");
	const rows = await ann.rows();
	for (const text of ["hello from the page", "hello from the bot"]) {
		expect(rows.filter((row) => row.includes(text))).toHaveLength(1);
	}
	expect(ann.faults).toEqual([]);
	await ann.context.close();
});
