import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Locator } from "playwright-core";
import { type PersonPage, TestBrowser } from "../../support/browser.ts";
import { eventually, PATIENCE } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { type Bot, Stage } from "../../support/programs.ts";
import { tell, waitForMessage } from "../terminal/visit.ts";

// What is typed on the page: where it goes, what it becomes, and that none of it is lost.

const stage = await Stage.openWith({ isLocal: true, isPaged: true });
const browser = await TestBrowser.launch();
let ann: PersonPage;
let bob: Bot;
let field: Locator;

beforeAll(async () => {
	bob = await stage.member("bob");
	ann = await browser.open(stage.url.href);
	ann.page.setDefaultTimeout(PATIENCE);
	await ann.logIn("ann", PASSWORD);
	field = ann.page.getByLabel("Message", { exact: true });
});
afterAll(async () => {
	await browser[Symbol.asyncDispose]();
	await stage[Symbol.asyncDispose]();
});

const press = (...keys: string[]): Promise<void> =>
	keys.reduce((before, key) => before.then(() => ann.page.keyboard.press(key)), Promise.resolve());

/** Waits until the field holds this. */
const holds = (text: string): Promise<unknown> =>
	eventually(text, async () => (await field.inputValue()) === text);

const hears = (text: string): Promise<unknown> => bob.waitFor({ type: "said", from: "ann", text });

/** What bob has heard from ann. */
const heard = (): unknown[] =>
	bob.lines.flatMap(({ type, from, text }) => (type === "said" && from === "ann" ? [text] : []));

test("Shift-Enter begins a line, Enter sends them all, and nothing at all is not sent", async () => {
	await field.focus();
	await press("Enter");
	await field.fill("  \u200b ");
	await press("Enter");
	await holds("  \u200b ");
	await field.fill("");
	await ann.page.keyboard.type("one");
	await press("Shift+Enter");
	await ann.page.keyboard.type("two");
	await press("Enter");
	await hears("one\ntwo");
	await holds("");
	expect(heard()).toEqual(["one\ntwo"]);
});

test("an Enter that ends the choice of a character sends nothing", async () => {
	await field.fill("にほん");
	for (const isComposing of [true, false]) {
		const keyCode = isComposing ? 13 : 229;
		await field.dispatchEvent("keydown", { key: "Enter", isComposing, keyCode, bubbles: true });
	}
	await holds("にほん");
	await press("Enter");
	await hears("にほん");
});

describe("completion", () => {
	const options = (): Promise<string[]> => ann.page.getByRole("option").allTextContents();

	test("of commands, by arrows and Enter", async () => {
		await field.fill("/w");
		const list = ann.page.getByRole("listbox", { name: "Completions" });
		await list.waitFor();
		expect(await options()).toEqual(["/who", "/whois"]);
		const combobox = ann.page.getByRole("combobox", { name: "Message" });
		expect(await combobox.getAttribute("aria-expanded")).toBe("true");
		await press("ArrowDown", "ArrowDown");
		const active = await combobox.getAttribute("aria-activedescendant");
		expect(await ann.page.locator(`#${active}`).getAttribute("aria-selected")).toBe("true");
		await press("Enter");
		await holds("/whois ");
		await list.waitFor({ state: "hidden" });
		expect(await combobox.count()).toBe(0);
	});

	test("of names by Tab, and by @ unasked; Escape leaves what is typed", async () => {
		await field.fill("hello b");
		await press("Tab");
		await holds("hello bob ");
		await field.fill("hello @");
		expect(await options()).toEqual(["@bob"]);
		await press("Escape");
		expect(await options()).toEqual([]);
		await holds("hello @");
		await field.fill("/tell ");
		await press("Tab");
		await holds("/tell bob ");
	});

	test("by a click, which leaves the keyboard in the field", async () => {
		await field.fill("/sa");
		await ann.page.getByRole("option", { name: "/save" }).click();
		await holds("/save ");
		expect(await field.evaluate((input) => input === input.ownerDocument.activeElement)).toBe(true);
	});

	test("where there is nothing to complete, Tab goes on, and Enter sends what is typed", async () => {
		await field.fill("zzz");
		await press("Tab");
		await holds("zzz");
		expect(await ann.page.getByRole("button", { name: "Send" }).evaluate(isActive)).toBe(true);
		await field.fill("/more");
		await press("Enter");
		await ann.reads("There is nothing more to read.");
	});
});

// Of the page.
declare class DataTransfer {
	readonly items: { add(file: File): void };
	setData(type: string, text: string): void;
}
declare class DragEvent extends Event {
	constructor(type: string, options: object);
}
declare class ClipboardEvent extends Event {
	constructor(type: string, options: object);
}

const isActive = (element: { ownerDocument: { activeElement: unknown } }): boolean =>
	element === element.ownerDocument.activeElement;

test("in an empty field the arrows bring back what was sent, also a command", async () => {
	await ann.say("first of them");
	await ann.say("/tell bob second of them");
	await hears("first of them");
	await press("ArrowUp");
	await holds("/tell bob second of them");
	await press("ArrowUp", "ArrowUp", "ArrowDown");
	await holds("first of them");
	await press("ArrowDown", "ArrowDown");
	await holds("");
	await field.fill("a draft");
	await press("ArrowUp");
	await holds("a draft");
	await field.fill("");
});

describe("a line that comes back", () => {
	test("is there to be corrected", async () => {
		await ann.say("/tell nobody-here hello");
		await ann.reads("nobody-here");
		await holds("/tell nobody-here hello");
	});

	test("while something else is typed: neither is lost", async () => {
		await field.fill("");
		// The answer to the question comes while the field holds something else.
		await ann.say("my password is qrst uvwx yzab cdef");
		await ann.page.getByRole("dialog").waitFor();
		await field.evaluate((input: { value: string }) => {
			input.value = "meanwhile";
		});
		await ann.answer("No");
		await ann.page.getByText("Not sent: my password is").waitFor();
		await holds("meanwhile");
		await ann.page.getByRole("button", { name: "Edit this one" }).click();
		await holds("my password is qrst uvwx yzab cdef");
		await ann.page.getByText("Not sent: meanwhile").waitFor();
		await field.fill("my password is secret");
		await press("Enter");
		await hears("my password is secret");
		await holds("meanwhile");
		await field.fill("");
	});
});

test("a line too long says so while it is typed, and is not sent", async () => {
	const alert = ann.page.getByRole("alert").filter({ hasText: "Too long" });
	for (const [text, bytes] of [
		["x".repeat(8193), 8193],
		["日".repeat(2731), 8193],
		[`/tell bob ${"y".repeat(9000)}`, 9000],
	] as const) {
		await field.fill(text);
		await alert.filter({ hasText: `${bytes} bytes` }).waitFor();
		await press("Enter");
		await holds(text);
	}
	await field.fill("日".repeat(2730));
	await alert.waitFor({ state: "hidden" });
	await press("Enter");
	await hears("日".repeat(2730));
});

describe("files", () => {
	/** Drops files where somebody would, or pastes them. */
	const give = (how: "drop" | "paste", files: [name: string, bytes: number[]][]): Promise<void> =>
		field.evaluate(
			(input, [event, given]) => {
				const data = new DataTransfer();
				for (const [name, bytes] of given) {
					data.items.add(new File([Uint8Array.from(bytes)], name));
				}
				const options = { bubbles: true, cancelable: true };
				input.dispatchEvent(
					event === "drop"
						? new DragEvent("drop", { ...options, dataTransfer: data })
						: new ClipboardEvent("paste", { ...options, clipboardData: data }),
				);
			},
			[how, files] as const,
		);
	const bytes = (text: string): number[] => [...Buffer.from(text)];

	test.each(["drop", "paste"] as const)("a text is put in by %s, and not sent", async (how) => {
		const before = heard().length;
		await field.fill("see: ");
		await give(how, [
			["a.txt", bytes("one\r\ntwo, ")],
			["b.md", bytes("\ufeffdrei €")],
		]);
		await holds("see: one\ntwo, drei €");
		expect(heard()).toHaveLength(before);
	});

	test.each([
		["what is no text", "a.png", [0x89, 0x50, 0x4e, 0x47, 0xff, 0], '"a.png" is not a text file.'],
		["a text in another encoding", "l1.txt", [0xe4, 0xf6], '"l1.txt" is not a text file.'],
		["controls of a terminal", "x", bytes("\x1b[2J"), '"x" is not a text file.'],
		["what is too long", "long.txt", bytes("x".repeat(8193)), '"long.txt" has 8193 bytes'],
		["a hostile name", "\u202e<b>gpj\n.txt", [0xff], '"<b>gpj .txt" is not a text file.'],
	])("%s is refused, and what is typed stays", async (_, name, content, sentence) => {
		await field.fill("kept");
		await give("drop", [[name, content]]);
		await ann.page.getByRole("alert").filter({ hasText: sentence }).waitFor();
		await holds("kept");
	});

	test("what is dropped beside the conversation does not open in its place", async () => {
		const isPrevented = await ann.page.locator("body").evaluate((body) =>
			["file", "link"].map((what) => {
				const data = new DataTransfer();
				if (what === "file") data.items.add(new File(["x"], "x.txt"));
				else data.setData("text/uri-list", "https://a.example/");
				const options = { bubbles: true, cancelable: true, dataTransfer: data };
				const event = new DragEvent("drop", options);
				body.dispatchEvent(event);
				return event.defaultPrevented;
			}),
		);
		expect(isPrevented).toEqual([true, true]);
		await holds("kept");
		await field.fill("");
	});
});

describe("a private line", () => {
	test("says where it goes, and that its reader is not here", async () => {
		const destination = ann.page.locator("#composer-destination");
		for (const [line, label] of [
			["", "to all"],
			["hello", "to all"],
			["/tell bob hi", "to bob only"],
			["/tell zed hi", "to zed only, who is not here"],
			["/who", "command"],
			["//who", "to all"],
		] as const) {
			await field.fill(line);
			await destination.getByText(label, { exact: true }).waitFor();
		}
	});

	test("goes to the one whom its author was shown, and nobody who has the name since", async () => {
		const first = await Peer.member(stage, "carl");
		await ann.reads("carl joined");
		await field.fill("/tell carl for you alone");
		await ann.page.getByText("to carl only", { exact: true }).waitFor();
		first.send({ type: "leave" });
		await ann.page.getByText("to carl only, who is not here").waitFor();
		const second = await Peer.member(stage, "carl");
		tell(second, "ann", "I am new");
		await ann.reads("I am new");
		await ann.page.getByText("to carl only, who is not here").waitFor();
		await press("Enter");
		const unsent = ann.page.getByRole("region", { name: "Not sent yet" });
		await unsent.getByText("PRIVATE to carl: for you alone").waitFor();
		await ann.page.getByRole("button", { name: "Forget" }).click();
		await unsent.waitFor({ state: "hidden" });
		await ann.say("to all again");
		await waitForMessage(second, { type: "said", text: "to all again" });
		expect(second.messages.filter(({ type, from }) => type === "told" && from === "ann")).toEqual(
			[],
		);
	});

	test("is begun by Reply or Write, with what was typed as its text", async () => {
		bob.send({ type: "tell", to: "ann", text: "psst" });
		await ann.reads("psst");
		await field.fill("half a line");
		const row = ann.page.locator(".row", { hasText: "psst" });
		await row.getByRole("button", { name: "Reply to bob privately" }).click();
		await holds("/tell bob half a line");
		await row.getByRole("button").click();
		await holds("/tell bob half a line");
		await press("Enter");
		await bob.waitFor({ type: "told", text: "half a line" });
		await ann.page.getByRole("complementary").getByRole("button", { name: "Write to bob" }).click();
		await holds("/tell bob ");
	});

	test("is not begun to somebody who has left, or to another of the name", async () => {
		await field.fill("");
		const gone = await Peer.member(stage, "dora");
		await ann.reads("dora joined");
		tell(gone, "ann", "bye then");
		await ann.reads("bye then");
		gone.send({ type: "leave" });
		await ann.reads("dora left");
		const reply = ann.page
			.locator(".row", { hasText: "bye then" })
			.getByRole("button", { name: "Reply to dora" });
		await reply.click();
		await ann.page.locator(".problem", { hasText: "dora" }).first().waitFor();
		await Peer.member(stage, "dora");
		await eventually(
			"both",
			async () => (await ann.rows()).filter((row) => /dora joined/.test(row)).length === 2,
		);
		await reply.click();
		await eventually(
			"a second",
			async () => (await ann.page.locator(".problem", { hasText: "dora" }).count()) === 2,
		);
		await holds("");
	});
});

test("a draft is there after a reload, and nothing went wrong on the page", async () => {
	await field.fill("/tell bob half\nof it");
	await ann.page.reload();
	await ann.page.getByText("to bob only", { exact: true }).waitFor();
	await holds("/tell bob half\nof it");
	expect(ann.faults).toEqual([]);
});
