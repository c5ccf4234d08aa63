import { afterAll, expect, test } from "bun:test";
import { createServer } from "node:http";
import { TestBrowser } from "../../support/browser.ts";
import { listen } from "../../support/listen.ts";
import { Stage } from "../../support/programs.ts";

// Another site's page in a real browser, which says by itself where a request comes from.

// 64 requests of a network within a window.
const flags = ["--max-per-address", "8"];
const stage = await Stage.openWith({ isLocal: true, isPaged: true }, ...flags);
const browser = await TestBrowser.launch();
afterAll(async () => {
	await browser[Symbol.asyncDispose]();
	await stage[Symbol.asyncDispose]();
});

/** Asks for a lot of the page, by all ways that a page has, and says when nothing more will come. */
const attack = `
	const page = "${stage.url.href}";
	const ended = (make, url) => new Promise((resolve) => {
		const element = document.createElement(make);
		element.onload = element.onerror = resolve;
		element.src = url;
		document.body.append(element);
	});
	const all = [];
	for (let i = 0; i < 35; i++) {
		all.push(ended("img", page + "icon.svg?" + i), ended("script", page + "?" + i));
		all.push(fetch(page + "?read" + i).catch(() => {}));
		all.push(fetch(page + "?blind" + i, { mode: "no-cors" }).catch(() => {}));
	}
	for (let i = 0; i < 3; i++) {
		all.push(ended("iframe", page + "?frame" + i));
		const socket = new WebSocket(page.replace("http", "ws") + "socket");
		all.push(new Promise((resolve) => { socket.onclose = resolve; }));
	}
	Promise.all(all).then(() => { document.title = "done"; });
`;
const site = createServer((_, answer) => {
	answer.setHeader("Content-Type", "text/html");
	answer.end(
		`<!doctype html><body><a href="${stage.url.href}">the room</a><script>${attack}</script>`,
	);
});
const port = await listen(site);
afterAll(() => site.close().closeAllConnections());

test.each([
	["another site", "localhost"],
	["another port of this host", "127.0.0.1"],
])("however much a page of %s asks for, its link to ours leads there", async (_, host) => {
	const { context, page } = await browser.open(`http://${host}:${port}`);
	await page.waitForFunction(`document.title === "done"`);
	await page.getByRole("link", { name: "the room" }).click();
	await page.getByLabel("User name").fill("ann");
	expect(page.url()).toBe(stage.url.href);
	await context.close();
});
