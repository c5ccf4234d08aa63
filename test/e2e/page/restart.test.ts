import { afterAll, expect, test } from "bun:test";
import { TestBrowser } from "../../support/browser.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";
import { quietPort } from "../../support/quiet-port.ts";
import { KeptRoom } from "../reconnect/kept-room.ts";

// The server is started again while a page is in the room.

const browser = await TestBrowser.launch();
afterAll(() => browser[Symbol.asyncDispose]());

test("a room in a file goes on, and nothing is missed", async () => {
	const how = { isLocal: true, isPaged: true };
	await using room = await KeptRoom.open(how, "--web", String(quietPort()));
	const { stage } = room;
	const ann = await browser.open(stage.url.href);
	await ann.logIn("ann", PASSWORD);
	const bob = await stage.member("bob");
	await ann.say("before");
	await bob.waitFor({ type: "said", text: "before" });
	await room.stop("SIGTERM");
	await ann.hasStatus("Reconnecting.");
	await ann.say("unheard");
	await ann.page.getByLabel("Message").fill("half a sent");
	await room.start();
	await ann.hasStatus("You missed nothing.");
	await bob.waitFor({ type: "said", text: "unheard" });
	bob.say("after");
	await ann.reads("after");
	const rows = await ann.rows();
	for (const text of ["before", "unheard", "after"]) {
		expect(rows.filter((row) => row.includes(text))).toHaveLength(1);
	}
	expect(await ann.page.getByLabel("Message").inputValue()).toBe("half a sent");
	await ann.context.close();
});

test("a room in memory has given the place up: the page says so, and keeps what was typed", async () => {
	const flags = ["--web", String(quietPort()), "--port", String(quietPort())];
	await using stage = await Stage.openWith({ isLocal: true, isPaged: true }, ...flags);
	const ann = await browser.open(stage.url.href);
	await ann.logIn("ann", PASSWORD);
	await ann.say("before");
	await ann.reads("before");
	stage.server.kill();
	await ann.hasStatus("Reconnecting.");
	await ann.say("unheard");
	await ann.page.getByLabel("Message").fill("half a sent");
	await stage.reopen(...flags);
	await ann.page.getByText("has given up your place").waitFor();
	await ann.logIn("ann", PASSWORD);
	await ann.reads("before");
	await ann.page.getByText(/Not sent.*unheard/).waitFor();
	expect(await ann.page.getByLabel("Message").inputValue()).toBe("half a sent");
	expect(ann.faults.filter((fault) => !fault.includes("WebSocket"))).toEqual([]);
	await ann.context.close();
});
