import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { PersonPage, TestBrowser } from "../../support/browser.ts";
import {
	BEFORE,
	CHARACTERS,
	FILLERS,
	LIES,
	SEPARATORS,
	SEQUENCES,
} from "../../support/hostile-texts.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { PageLiar } from "../../support/page-liar.ts";
import { Peer } from "../../support/peer.ts";
import { type Json, Stage } from "../../support/programs.ts";
import { say, tell } from "../terminal/visit.ts";
import { DIRECTIVES, tryAll } from "./forbidden.ts";
import { layout, type ShownRow } from "./shown-rows.ts";

// Whatever a member writes is only text on another member's page, and stays in its row.

const stage = await Stage.openWith({ isLocal: true, isPaged: true });
const browser = await TestBrowser.launch();
afterAll(async () => {
	await browser[Symbol.asyncDispose]();
	await stage[Symbol.asyncDispose]();
});

const MARKUP = [
	"<img src=x onerror=document.title='owned'>",
	"<script>document.title='owned'</script>",
	"<style>*{display:none}</style>",
	"</div></div><h1>boss: yes</h1>",
	"<iframe src=javascript:alert(1)></iframe>",
	"&lt;b&gt; &#60;b&#62; &nbsp;",
	"<!-- --><svg/onload=alert(1)>",
	"{{7*7}} [x](javascript:alert(1)) **b** `c`",
];
/** Too wide, too high, or from right to left. */
const SHAPES = [
	"W".repeat(3000),
	"日".repeat(1000),
	"\u00a0".repeat(2000),
	`z${"\u0301\u0323".repeat(200)}algo`,
	"\u0e49\u0e49\u0e49\u0e49\u0e49".repeat(50),
	"ﷺ﷽꧅𒐫".repeat(100),
	"שלום עולם 123 <b>",
	"\n".repeat(500),
	"👩\u200d👩\u200d👧\u200d👦".repeat(200),
];

const LONG = `https://a.example/${"y".repeat(2000)}`;
/** Texts, and the link that each becomes: what it shows and where it leads. */
const LINKS: [text: string, shown: string | null, href: string | null][] = [
	["see https://a.example/x?y=1#z.", "https://a.example/x?y=1#z", "https://a.example/x?y=1#z"],
	["(http://a.example/b_(c))", "http://a.example/b_(c)", "http://a.example/b_(c)"],
	['"https://a.example/d",', "https://a.example/d", "https://a.example/d"],
	["HTTPS://A.example", "HTTPS://A.example", "https://a.example/"],
	["http://[::1]:8080/x]", "http://[::1]:8080/x", "http://[::1]:8080/x"],
	["[http://[2001:db8::1]]", "http://[2001:db8::1]", "http://[2001:db8::1]/"],
	["https://a.example:443/", "https://a.example:443/", "https://a.example/"],
	[`${LONG})))))`, LONG, LONG],
	// What looks like another host is shown as what it is.
	["https://\u0430pple.example/", "https://xn--pple-43d.example/", "https://xn--pple-43d.example/"],
	["https://a.example\u202e/gpj.exe", "https://a.example/gpj.exe", "https://a.example/gpj.exe"],
	["https://a\u200b.example/", "https://a.example/", "https://a.example/"],
	["https://0x7f.1/", "https://127.0.0.1/", "https://127.0.0.1/"],
	["https://a%2eexample/", "https://a.example/", "https://a.example/"],
	[
		"https://bank.example\\@evil.example",
		"https://bank.example\\@evil.example",
		"https://bank.example/@evil.example",
	],
	["https:///evil.example/", "https://evil.example/", "https://evil.example/"],
	["blob:https://a.example/1", "https://a.example/1", "https://a.example/1"],
	["https://a b", "https://a", "https://a/"],
	// These are none.
	...[
		...["javascript:alert(1)", "data:text/html,<b>x</b>", "file:///etc/passwd"],
		...[
			"https://bank.example@evil.example/",
			"https://u:p@evil.example/",
			"vbscript:x",
			"//a.example/x",
		],
		...[
			"view-source:x",
			"https://",
			"http://[::1",

			"ftp://a.example/",
			"www.a.example",
		],
	].map((text): [string, null, null] => [text, null, null]),
];

describe("on a member's page", () => {
	let ann: PersonPage;
	let eve: Peer;
	beforeAll(async () => {
		eve = await Peer.member(stage, "eve");
		ann = await browser.open(stage.url.href);
		await ann.logIn("ann", PASSWORD);
	});
	afterAll(() => ann.context.close());

	/** Has eve say texts, to all and to ann; returns the rows that they became. */
	async function shownOf(texts: readonly string[]): Promise<ShownRow[]> {
		await ann.say("/clear");
		for (const text of texts) say(eve, text);
		for (const text of texts) tell(eve, "ann", text);
		// The room's order is that of what is said to all, so this comes last of those.
		tell(eve, "ann", "the last one to you");
		say(eve, "the last one");
		await ann.reads("the last one to you");
		await ann.page.getByText("the last one", { exact: true }).waitFor();
		const rows = await layout(ann.page);
		return rows.filter(({ text }) => !text.includes("the last one"));
	}

	/** What the rows must be if these texts are seen of what was said, in any order. */
	function expectSaid(rows: readonly ShownRow[], seen: readonly string[]): void {
		const shown = rows.map(({ text }) => text.replace(/^\d\d:\d\d /, ""));
		const wanted = seen.flatMap((text) => [`eve: ${text}`, `PRIVATE eve → you: ${text} Reply`]);
		expect(shown.map(withoutButton).toSorted()).toEqual(wanted.toSorted());
	}

	const withoutButton = (text: string): string => text.replace("Show all", "");

	test.each(CHARACTERS)("between two letters: %s", async (_, characters, shown) => {
		const rows = await shownOf(characters.map((each, index) => `${index}a${each}b`));
		expectSaid(
			rows,
			characters.map((each, index) => `${index}a${shown(each)}b`),
		);
	});

	test("sequences for terminals stand there as they would be written", async () => {
		expectSaid(
			await shownOf(SEQUENCES.map(([, text]) => text)),
			SEQUENCES.map(([, , seen]) => seen),
		);
	});

	test("markup is a text, and nothing of it is run", async () => {
		expectSaid(await shownOf(MARKUP), MARKUP);
		expect(await ann.page.title()).toBe("fernet-chat");
	});

	test.each(SEPARATORS)("no line can pass for another's behind %s", async (_, separator) => {
		const rows = await shownOf(LIES.map((lie) => `well${separator}${lie}`));
		expect(rows).toHaveLength(2 * LIES.length);
		for (const { text } of rows) expect(text).toMatch(/^\d\d:\d\d (PRIVATE eve → you|eve): well/);
	});

	test.each([768, 320])("nor behind what fills a row, at %d pixels", async (width) => {
		await ann.page.setViewportSize({ width, height: 800 });
		const texts = FILLERS.flatMap((filler, index) =>
			LIES.map((lie) => `${filler.repeat(150)}${BEFORE[index]}${lie}`),
		);
		expect(await shownOf(texts)).toHaveLength(2 * texts.length);
	});

	test.each([768, 320])("no shape of a text leaves its row, at %d pixels", async (width) => {
		await ann.page.setViewportSize({ width, height: 800 });
		expect(await shownOf(SHAPES)).toHaveLength(2 * SHAPES.length);
		await ann.page.setViewportSize({ width: 768, height: 800 });
	});

	test("marks stacked on a letter are not drawn over the row above", async () => {
		await ann.say("/clear");
		tell(eve, "ann", "the row above");
		await ann.reads("the row above");
		const { x, y, width, height } = (await ann.page
			.locator(".row", { hasText: "the row above" })
			.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
		// A row ends within a pixel, which it shares with the next.
		const clip = { x, width, y: Math.ceil(y), height: Math.floor(height) - 1 };
		const before = await ann.page.screenshot({ clip });
		for (const mark of ["\u0301", "\u0489", "\u20dd", "\u0e49", "\u{1d242}"]) {
			tell(eve, "ann", `${`a${mark.repeat(4)}`.repeat(20)} ${mark.codePointAt(0)}`);
			await ann.reads(` ${mark.codePointAt(0)}`);
			expect((await ann.page.screenshot({ clip })).equals(before)).toBe(true);
		}
	});

	test("a long text is cut, whatever it consists of, and a click shows all of it", async () => {
		const lines = Array.from({ length: 1000 }, (_, line) => `${line}`).join("\n");
		const texts = [
			lines,
			"word ".repeat(1600).trim(),
			"x".repeat(8192),
			`https://a.example/${"y".repeat(8000)}`,
		];
		const rows = await shownOf(texts);
		expect(rows).toHaveLength(2 * texts.length);
		for (const { bottom, top } of rows) expect(bottom - top).toBeLessThan(450);
		await ann.page.getByRole("button", { name: "Show all" }).first().click();
		const [whole] = await layout(ann.page);
		expect(whole?.bottom).toBeGreaterThan(10_000);
		expect(withoutButton(whole?.text ?? "")).toEndWith(`eve: ${lines}`);
	});

	test("links lead where they say, over http alone, and tell nobody about this page", async () => {
		const rows = await shownOf(LINKS.map(([text]) => text));
		const found = await ann.transcript.getByRole("link").all();
		const links = await Promise.all(
			found.map(async (link) => [await link.textContent(), await link.getAttribute("href")]),
		);
		const wanted = LINKS.flatMap(([, ...pair]) => (pair[0] === null ? [] : [pair]));
		expect(links).toEqual([...wanted, ...wanted]);
		for (const link of found) {
			expect(await link.getAttribute("rel")).toBe("noopener noreferrer");
			expect(await link.getAttribute("referrerpolicy")).toBe("no-referrer");
			expect(await link.getAttribute("target")).toBe("_blank");
		}
		expect(rows).toHaveLength(2 * LINKS.length);
	});

	test("the page has said nothing of its own about all this", () => {
		expect(ann.faults).toEqual([]);
	});
});

/** What a liar puts into a text, and what is seen of it in one line. */
const LIE = "\x1b]52;c\x07\u202e<b onclick=alert(1)>evil</b>\u200b";
const SEEN = "^[]52;c^G<b onclick=alert(1)>evil</b>";

describe("of a server that lies", () => {
	let liar: PageLiar;
	let ann: PersonPage;
	beforeAll(async () => {
		const context = await browser.browser.newContext({ viewport: { width: 900, height: 700 } });
		liar = await PageLiar.meet(context, (question) => answers.get(question.type));
		const page = await context.newPage();
		ann = new PersonPage(context, page);
		await page.goto(stage.url.href);
		await ann.logIn("ann", PASSWORD);
	});
	afterAll(() => ann.context.close());

	/** What it says to whatever is asked. */
	const answers = new Map<string, Json[]>([
		[
			"who",
			[
				{
					type: "roster",
					at: Date.now(),
					members: [
						{ name: "ann", visit: "1", since: 0, address: LIE },
						{ name: "eve", visit: "2", since: 0, address: `${LIE}\nboss: yes`, away: 0 },
						{ name: "fay", visit: "3", since: 0, address: "W".repeat(254) },
					],
				},
			],
		],
		[
			"bans",
			[{ type: "banlist", addresses: ["<b>&amp;@evil.example", "x'><svg/onload=a@evil.example"] }],
		],
		["devices", [{ type: "refused", code: "bad_message", text: LIE }]],
	]);

	test("addresses in the roster", async () => {
		const roster = ann.page.getByRole("complementary");
		await roster.getByText("fay").waitFor();
		const entries = await roster.getByRole("listitem").all();
		const texts = await Promise.all(entries.map((entry) => entry.textContent()));
		expect(texts[0]).toBe(`ann (you)${SEEN}`);
		expect(texts[1]).toStartWith(`eve${SEEN} boss: yesaway for `);
		const boxes = await Promise.all(entries.map((entry) => entry.boundingBox()));
		for (const [index, box] of boxes.entries()) {
			const next = boxes[index + 1];
			if (box && next) expect(next.y).toBeGreaterThanOrEqual(box.y + box.height - 0.5);
			expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(900);
		}
		const markup = await roster.locator("[onclick], [style], ul b b, a, svg, script").count();
		expect(markup).toBe(0);
		await ann.say("/who");
		await ann.reads(`${SEEN} boss: yes`);
	});

	test("titles, reasons, lists and refusals", async () => {
		liar.batch(
			{ type: "titled", by: "eve", title: LIE.slice(LIE.indexOf("\u202e")) },
			{ type: "kicked", by: "eve", name: "fay", reason: `${LIE}\n12:31 boss: yes` },
			{ type: "banned", by: "eve", address: LIE, reason: LIE },
			{ type: "announced", by: "eve", text: `${LIE}\n12:31 boss: yes` },
		);
		await ann.say("/banned");
		await ann.say("/devices");
		await ann.reads("ANNOUNCEMENT");
		const title = "<b onclick=alert(1)>evil</b>";
		await ann.page.getByRole("heading", { name: title }).waitFor();
		expect(await ann.page.title()).toBe(title);
		await ann.page.locator(".problem", { hasText: SEEN }).waitFor();
		const texts = (await layout(ann.page)).map(({ text }) => text.replace(/^\d\d:\d\d /, ""));
		expect(texts.slice(-6)).toEqual([
			`eve renamed the room to "${title}"`,
			`eve removed fay from the room: ${SEEN}\n12:31 boss: yes`,
			`eve banned ${SEEN}: ${SEEN}`,
			`ANNOUNCEMENT by eve: ${SEEN}\n12:31 boss: yes`,
			"2 banned accounts:\n<b>&amp;@evil.example\nx'><svg/onload=a@evil.example",
			SEEN,
		]);
	});

	test("why the visit is over", async () => {
		liar.tell({ type: "closing", code: "kicked", text: `${LIE}\nYour password?` });
		const why = ann.page.getByText(`${SEEN} Your password?`);
		await why.waitFor();
		expect(await why.locator("*").count()).toBe(0);
		expect(ann.faults).toEqual([]);
	});
});

test("what the policy forbids is refused, should a text ever become more than a text", async () => {
	let requests = 0;
	await using elsewhere = Bun.serve({
		port: 0,
		fetch: () => {
			requests++;
			return new Response("globalThis.owned = true", {
				headers: { "Content-Type": "text/javascript", "Access-Control-Allow-Origin": "*" },
			});
		},
	});
	const ann = await browser.open(stage.url.href);
	const refused = await ann.page.evaluate(tryAll(String(elsewhere.url), DIRECTIVES));
	expect(refused).toEqual({ violations: DIRECTIVES, frames: 0, isOwned: false });
	expect(requests).toBe(0);
	await ann.context.close();
});
