#!/usr/bin/env bun

// Takes the pictures of the page: a real conversation, in a real browser. test/page.webp is README's,
// test/page-sizes.webp shows three widths in both themes.

import { join } from "node:path";
import { type PersonPage, TestBrowser } from "./support/browser.ts";
import { PASSWORD } from "./support/mailbox.ts";
import { Stage } from "./support/programs.ts";
import { ROOT } from "./support/root.ts";

type Theme = "light" | "dark";
type Size = readonly [width: number, height: number];

const PHONE: Size = [320, 640];
const TABLET: Size = [768, 640];
const DESK: Size = [1024, 640];
const WIDE: Size = [1440, 900];
const THEMES: readonly Theme[] = ["light", "dark"];
/** How good a WebP is: from here on nobody sees a difference. */
const QUALITY = 0.9;

/** A picture, and how wide it is to be shown, in pixels. */
interface Shot {
	readonly png: Buffer;
	readonly width: number;
}

async function shoot({ page }: PersonPage, [width, height]: Size, theme: Theme): Promise<Buffer> {
	await page.emulateMedia({ colorScheme: theme });
	await page.setViewportSize({ width, height });
	// Two frames: a transcript scrolls to its end in the first.
	await page.evaluate(
		"new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
	);
	return await page.screenshot({ caret: "initial" });
}

/** Puts shots beside each other, in as many rows as are given, and returns the picture as WebP. */
async function beside(browser: TestBrowser, rows: readonly (readonly Shot[])[]): Promise<Buffer> {
	const context = await browser.browser.newContext({ viewport: { width: 1600, height: 1000 } });
	const page = await context.newPage();
	const image = ({ png, width }: Shot): string =>
		`<img width="${width}" src="data:image/png;base64,${png.toString("base64")}" style="border-radius:10px;border:1px solid #8886">`;
	await page.setContent(
		`<body style="margin:0"><div style="display:inline-flex;flex-direction:column;gap:20px;padding:20px">${rows
			.map(
				(row) =>
					`<div style="display:flex;gap:20px;align-items:start">${row.map(image).join("")}</div>`,
			)
			.join("")}</div>`,
	);
	const png = await page.locator("div").first().screenshot({ omitBackground: true });
	const webp = await page.evaluate<string>(`(async () => {
		const picture = await createImageBitmap(await (await fetch("data:image/png;base64,${png.toString("base64")}")).blob());
		const canvas = Object.assign(document.createElement("canvas"), { width: picture.width, height: picture.height });
		canvas.getContext("2d").drawImage(picture, 0, 0);
		return canvas.toDataURL("image/webp", ${QUALITY});
	})()`);
	await context.close();
	return Buffer.from(webp.replace(/^[^,]*,/, ""), "base64");
}

/** Four people talk; one of them looks at the page. */
async function conversation(stage: Stage, ann: PersonPage): Promise<void> {
	await ann.identify("ann", "ann@gmail.com");
	await ann.page.getByRole("button", { name: /password/ }).click();
	await ann.page.getByLabel(/^password/i).fill(PASSWORD);
	await ann.page.keyboard.press("Enter");
	await ann.transcript.waitFor();
	const [bob, zoe] = [await stage.member("bob"), await stage.member("zoe")];
	await stage.member("carl");
	const says = async (speak: () => void, text: string): Promise<void> => {
		speak();
		await ann.reads(text);
	};
	await ann.say("/title Book club");
	await ann.reads("Book club");
	await ann.say("Morning! Who has the notes from last week's evening?");
	await ann.reads("Who has the notes");
	await says(() => bob.say("@ann here they are: https://example.com/notes/11"), "notes/11");
	await says(() => bob.say("The part about chapter four is still thin."), "still thin");
	await says(() => zoe.send({ type: "say", text: "reads them on the train", me: true }), "train");
	await says(
		() => bob.send({ type: "tell", to: "ann", text: "It went well, by the way." }),
		"by the way",
	);
	await ann.say("/reply Wonderful! Tell me on Thursday.");
	await ann.reads("Tell me on Thursday");
	await says(
		() => zoe.say("Two questions:\n1. Who brings the tea?\n2. Is there a chapter five?"),
		"chapter five",
	);
	await ann.say("/announce Next evening: Thursday at eight, here.");
	await ann.reads("Thursday at eight");
	await ann.say("/mute carl");
	await ann.reads("muted carl");
	// The roster learns of addresses a little later.
	await ann.page.getByText(/^z\S+@gmail\.com$/).waitFor({ state: "attached" });
	await ann.page.getByLabel("Message").fill("I bring the tea, and bis");
}

await using stage = await Stage.openWith(
	{ isLocal: true, isPaged: true, isMailing: true },
	"--owner",
	"ann@gmail.com",
);
await using browser = await TestBrowser.launch();
const visitor = await browser.open(stage.url.href, { deviceScaleFactor: 2 });
await visitor.page.getByLabel("User name").fill("ann");
await visitor.page.getByLabel(/address/).fill("ann@gmail.com");
const ann = await browser.open(stage.url.href, { deviceScaleFactor: 2 });
await conversation(stage, ann);

const shots = new Map<string, Buffer>();
for (const theme of THEMES) {
	for (const size of [PHONE, TABLET, DESK, WIDE]) {
		shots.set(`login ${size} ${theme}`, await shoot(visitor, size, theme));
		shots.set(`room ${size} ${theme}`, await shoot(ann, size, theme));
	}
}
const shot = (screen: "login" | "room", size: Size, theme: Theme, width: number): Shot => ({
	png: shots.get(`${screen} ${size} ${theme}`) ?? Buffer.alloc(0),
	width,
});

const first = await beside(browser, [
	[
		shot("room", DESK, "light", 860),
		shot("room", PHONE, "dark", 268),
		shot("login", PHONE, "light", 268),
	],
]);
await Bun.write(join(ROOT, "test/page.webp"), first);
const all = await beside(
	browser,
	THEMES.flatMap((theme) =>
		(["login", "room"] as const).map((screen) => [
			shot(screen, PHONE, theme, 190),
			shot(screen, TABLET, theme, 455),
			shot(screen, WIDE, theme, 607),
		]),
	),
);
await Bun.write(join(ROOT, "test/page-sizes.webp"), all);
