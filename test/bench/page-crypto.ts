#!/usr/bin/env bun
// One seal and one open of 64 bytes in a real browser, by the page's engine and by WebCrypto.
// Usage: bun test/bench/page-crypto.ts

import { join } from "node:path";
import { bundled } from "../e2e/page/bundled.ts";
import { TestBrowser } from "../support/browser.ts";

/** See page-crypto-probe.ts. */
declare const measure: () => Promise<Record<string, number>>;

await using browser = await TestBrowser.launch();
// WebCrypto is there for pages of this machine, and not for blank ones.
const headers = { "Content-Type": "text/html" };
const server = Bun.serve({
	...{ hostname: "127.0.0.1", port: 0 },
	fetch: () => new Response("<!doctype html>", { headers }),
});
const { page } = await browser.open(server.url.href);
const content = await bundled(join(import.meta.dir, "page-crypto-probe.ts"));
await page.addScriptTag({ content });
const times = await page.evaluate(() => measure());
for (const [what, time] of Object.entries(times)) console.log(`${what}: ${time.toFixed(1)} µs`);
await server.stop(true);
