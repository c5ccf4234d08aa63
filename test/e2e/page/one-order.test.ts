import { expect, test } from "bun:test";
import { TestBrowser } from "../../support/browser.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";
import { gate, printed, start, TEXT } from "../protocol/python-client.ts";
import { enter } from "../terminal/visit.ts";

const LINE = /\b(page|terminal|bot) \d+\b|grüß dich/g;

test("a page, a terminal, a bot and the client in Python see the same, in the same order", async () => {
	await using stage = await Stage.openWith({ isPaged: true });
	await using browser = await TestBrowser.launch();
	const page = await browser.open(stage.url.href);
	await page.logIn("ann", PASSWORD);
	await using screen = await enter(stage, "tess", { rows: 60 });
	const bob = await stage.member("bob");
	// Python's only line is held back until the others have said theirs.
	await using held = await gate(stage.port);
	await using python = start(held.port, stage.keys);
	await eventually("Python's line", () => held.held.length === 1);

	// All three talk at once, and nothing says in which order the room hears them.
	for (let i = 0; i < 8; i++) {
		bob.say(`bot ${i}`);
		screen.type(`terminal ${i}\r`);
		await page.say(`page ${i}`);
	}
	for (const last of ["bot 7", "terminal 7", "page 7"]) {
		await bob.waitFor({ type: "said", text: last });
	}
	held.open();
	const { lines } = await printed(python);
	await bob.waitFor({ type: "said", text: TEXT });
	await page.reads("grüß dich");
	await screen.waitForText("grüß dich");

	const heard = (texts: readonly string[]): string[] =>
		texts.flatMap((text) => text.match(LINE) ?? []);
	const said = (all: readonly Record<string, unknown>[]): string[] =>
		heard(all.filter(({ type }) => type === "said").map(({ text }) => String(text)));
	const inRoom = said(bob.lines);
	expect(inRoom).toHaveLength(25);
	expect(said(lines)).toEqual(inRoom);
	expect(heard(await page.rows())).toEqual(inRoom);
	expect(heard(screen.text.split("\n"))).toEqual(inRoom);
});
