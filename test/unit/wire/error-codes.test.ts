import { expect, test } from "bun:test";
import { ERROR_CODES } from "../../../lib/wire/error-codes.ts";

// The tone of the texts that a person reads for an error code.

const constant = Object.entries(ERROR_CODES).flatMap(([code, { text, saidIn }]) =>
	typeof text === "string"
		? [{ code, text, isClear: saidIn.some((place) => place === "clear") }]
		: [],
);

test.each(constant)("$code is said in whole sentences, or ends with an address", ({ text }) => {
	expect(text).toMatch(/^[A-Z].*(\.|https:\S+[^.\s])$/);
});

test("what is said in clear is printable ASCII", () => {
	const clear = constant.filter(({ isClear }) => isClear);
	expect(clear.length).toBeGreaterThan(5);
	for (const { text } of clear) expect(text).toMatch(/^[\x20-\x7e]{1,1024}$/);
});
