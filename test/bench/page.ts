#!/usr/bin/env bun
// The page in a real browser: its first load, a long transcript, a key's way to the screen while a
// busy room scrolls by, and its memory. Usage: bun test/bench/page.ts [messages a second] [keys]

import { TestBrowser } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { PASSWORD } from "../support/mailbox.ts";
import { Peer } from "../support/peer.ts";
import { Stage } from "../support/programs.ts";

const [rate = 1000, keys = 300] = process.argv.slice(2).map(Number);
const LONG = 20_000;
const LONGEST = 100_000;
const TICK = 10;
/** Milliseconds from one key to the next: twice as fast as anybody types. */
const KEY_INTERVAL = 50;
/** Messages sent at once while the transcript is filled. */
const CHUNK = 2000;

declare global {
	/** In the page: milliseconds of each task longer than 50, and from each key to the screen. */
	var longTasks: number[];
	var keyTimes: number[];
}

const quantile = (all: readonly number[], part: number): number => {
	const sorted = all.toSorted((one, other) => one - other);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
};
const ms = (time: number): string => `${time.toFixed(1)} ms`;

await using stage = await Stage.openWith(
	{ isPaged: true },
	...["--message-rate", "1000000", "--message-burst", "1000000"],
);
await using browser = await TestBrowser.launch();
const speaker = await Peer.member(stage, "speaker");
const { page, context } = await browser.open("about:blank");
const cdp = await context.newCDPSession(page);
await cdp.send("Network.enable");
await cdp.send("Performance.enable");

const loaded = new Map<string, number>();
const urls = new Map<string, string>();
cdp.on("Network.responseReceived", ({ requestId, response }) => urls.set(requestId, response.url));
cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) =>
	loaded.set(urls.get(requestId) ?? requestId, encodedDataLength),
);
await page.goto(stage.url.href, { waitUntil: "networkidle" });
const bytes = loaded.values().reduce((sum, each) => sum + each, 0);
const strangers = loaded
	.keys()
	.filter((url) => !url.startsWith(stage.url.href) && !url.startsWith("data:"));
console.log(
	`first load: ${(bytes / 1000).toFixed(1)} KB in ${loaded.size} files, ${[...strangers].length} from elsewhere`,
);

await page.getByLabel("User name").fill("typist");
await page.getByLabel(/address/).fill("typist@gmail.com");
await page.getByRole("button", { name: "Continue" }).click();
await page.getByLabel(/password/i).fill(PASSWORD);
await page.getByRole("button", { name: "Log in" }).click();
const transcript = page.getByRole("region", { name: "Conversation" });
await transcript.waitFor();
await page.evaluate(() => {
	globalThis.longTasks = [];
	globalThis.keyTimes = [];
	const script = globalThis as unknown as {
		PerformanceObserver: typeof PerformanceObserver;
		addEventListener: (type: string, listener: (event: Event) => void, capture: boolean) => void;
		requestAnimationFrame: (action: () => void) => void;
	};
	new script.PerformanceObserver((list) => {
		for (const { duration } of list.getEntries()) longTasks.push(duration);
	}).observe({ type: "longtask" } as never);
	const listener = ({ timeStamp }: Event): void =>
		script.requestAnimationFrame(() => {
			const { port1, port2 } = new MessageChannel();
			port1.onmessage = () => keyTimes.push(performance.now() - timeStamp);
			port2.postMessage(null);
		});
	script.addEventListener("keydown", listener, true);
});

let spoken = 0;
const speak = (): void =>
	speaker.send({ type: "say", id: String(spoken), text: `message ${spoken++} of a busy room` });
const lastRow = () =>
	transcript.evaluate((log) => log.lastElementChild?.lastElementChild?.textContent);
const shown = (last: number) =>
	eventually(`line ${last}`, async () => (await lastRow())?.includes(`message ${last} of`));

/** Fills the transcript up to so many lines. */
async function fill(lines: number): Promise<void> {
	while (spoken < lines) {
		for (let i = 0; i < CHUNK && spoken < lines; i++) speak();
		await shown(spoken - 1);
	}
}

async function tasksDuring(what: string, action: () => Promise<void>): Promise<void> {
	await page.evaluate(() => {
		longTasks.length = 0;
	});
	await action();
	const tasks = await page.evaluate(() => longTasks);
	console.log(`${what}: ${tasks.length} long tasks, the longest ${ms(Math.max(0, ...tasks))}`);
}

async function type(count: number): Promise<void> {
	// Not by its label, which would be looked for in all rows.
	await page.locator("#composer-text").focus();
	const done = (await page.evaluate(() => keyTimes.length)) + count;
	for (let key = 0; key < count; key++) await page.keyboard.press("x", { delay: KEY_INTERVAL });
	await eventually("all keys to be shown", () => page.evaluate((n) => keyTimes.length >= n, done));
}

async function scroll(): Promise<void> {
	await transcript.hover();
	for (const by of [-800, -5000, -50_000, 800, 5000, -1_000_000, 3000, 1_000_000]) {
		for (let i = 0; i < 10; i++) {
			await page.mouse.wheel(0, by);
			await page.waitForTimeout(20);
		}
	}
}

async function showMemory(): Promise<void> {
	await cdp.send("HeapProfiler.collectGarbage");
	const { metrics } = await cdp.send("Performance.getMetrics");
	const metric = (name: string): number => metrics.find((each) => each.name === name)?.value ?? 0;
	const rss = await rendererMemory();
	console.log(
		`memory after ${spoken} lines: heap ${(metric("JSHeapUsedSize") / 2 ** 20).toFixed(0)} MiB, ${metric("Nodes")} nodes, renderer's own ${rss.toFixed(0)} MiB`,
	);
}

/** What the largest process that shows pages has to itself, in MiB. */
async function rendererMemory(): Promise<number> {
	const session = await browser.browser.newBrowserCDPSession();
	const { processInfo } = await session.send("SystemInfo.getProcessInfo");
	const sizes = await Promise.all(
		processInfo
			.filter(({ type: kind }) => kind === "renderer")
			.map(async ({ id }) => {
				const text = await Bun.file(`/proc/${id}/smaps_rollup`).text();
				const own = text.matchAll(/Private_(?:Clean|Dirty):\s+(\d+)/g);
				return own.reduce((sum, [, size]) => sum + Number(size), 0) / 1024;
			}),
	);
	return Math.max(...sizes);
}

await showMemory();
await tasksDuring(`receiving ${LONG} lines at once`, () => fill(LONG));
await showMemory();
await tasksDuring("typing below them", () => type(100));
await tasksDuring("scrolling through them", scroll);

const begun = performance.now();
const before = spoken;
const timer = setInterval(() => {
	const due = before + ((performance.now() - begun) / 1000) * rate;
	while (spoken < due) speak();
}, TICK);
await page.evaluate(() => {
	keyTimes.length = 0;
});
await tasksDuring(`${keys} keys while ${rate} messages a second come`, () => type(keys));
clearInterval(timer);
const seconds = (performance.now() - begun) / 1000;
const times = await page.evaluate(() => keyTimes);
console.log(
	`key to screen, ${((spoken - before) / seconds).toFixed(0)} messages a second: median ${ms(quantile(times, 0.5))}, 99th percentile ${ms(quantile(times, 0.99))}, most ${ms(quantile(times, 1))}`,
);
await shown(spoken - 1);
await fill(LONGEST);
await showMemory();
