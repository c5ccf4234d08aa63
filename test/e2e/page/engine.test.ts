import { afterAll, expect, test } from "bun:test";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { Fernet, generateKey } from "../../../lib/wire/crypto/fernet.ts";
import generate from "../../fixtures/fernet/generate.json";
import invalid from "../../fixtures/fernet/invalid.json";
import verify from "../../fixtures/fernet/verify.json";
import { TestBrowser } from "../../support/browser.ts";
import { bundled } from "./bundled.ts";
import type { probe as Probe } from "./engine-probe.ts";

// The bundle's engine in a real browser, whose base64, random bytes and arrays are its own.

declare const probe: typeof Probe;

const browser = await TestBrowser.launch();
afterAll(() => browser[Symbol.asyncDispose]());

const { page } = await browser.open("about:blank");
await page.addScriptTag({ content: await bundled("engine-probe.ts") });

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const seconds = (moment: string): number => Date.parse(moment) / 1000;

test("it gives the specification's answers", async () => {
	const cases = [...verify, ...invalid].map(({ token, now, ttl_sec: ttl, secret }) => ({
		...{ token, secret, ttl, now: seconds(now) },
	}));
	const made = generate.map(({ token, secret }) => ({ token, secret }));
	const due = [...verify, ...generate].map(({ src }) => base64(Buffer.from(src)));
	const opened = await page.evaluate((all) => probe.openAll(all), [...cases, ...made]);
	const nothing = invalid.map(() => null);
	expect(opened).toEqual([...due.slice(0, verify.length), ...nothing, ...due.slice(verify.length)]);
});

test("it and the programs' open each other's tokens of any bytes", async () => {
	const secret = generateKey();
	const fernet = new Fernet(secret);
	const data = fc.sample(fc.uint8Array({ maxLength: 300 }), 100).map(base64);
	const tokens = data.map((text) => fernet.encrypt(Buffer.from(text, "base64")));
	const cases = tokens.map((token) => ({ secret, token }));
	expect(await page.evaluate((all) => probe.openAll(all), cases)).toEqual(data);
	const sealed = await page.evaluate(([key, all]) => probe.sealAll(key, all), [
		secret,
		data,
	] as const);
	expect(sealed.map((token) => base64(fernet.decrypt(token)))).toEqual(data);
});

test("it inflates what fits, and refuses the rest", async () => {
	const texts = fc.sample(fc.string({ unit: "grapheme", maxLength: 300 }), 50);
	const deflated = texts.map((text) => base64(deflateRawSync(text)));
	const cut = deflated.map((text) => base64(Buffer.from(text, "base64").subarray(0, -1)));
	const bomb = base64(deflateRawSync(Buffer.alloc(64 * 1024 * 1024)));
	const all = [...deflated, ...cut, bomb];
	const inflated = await page.evaluate((given) => probe.inflateAll(given, 1024 * 1024), all);
	const refused = [...cut, bomb].map(() => null);
	expect(inflated).toEqual([...texts.map((text) => base64(Buffer.from(text))), ...refused]);
});
