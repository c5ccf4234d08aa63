import { describe, expect, test } from "bun:test";
import { ERROR_CODES } from "../../../../lib/wire/errors/error-codes.ts";
import { LOCAL_ERROR_CODES } from "../../../../lib/wire/errors/local-error-codes.ts";
import { nextStep, reason } from "../../../../lib/wire/errors/reason.ts";

// What a code says to a person and to a program, and where it is said.

const SENTENCES = /^[A-Z].*(\.|https:\S+[^.\s])$/;
const all = Object.entries(ERROR_CODES).map(([code, { text, saidIn, next }]) => {
	return { code, text, saidIn: saidIn as readonly string[], next };
});
const constant = all.flatMap(({ text, ...row }) =>
	typeof text === "string" ? { ...row, text } : [],
);

test.each(constant)("$code is said in whole sentences, or ends with an address", ({ text }) => {
	expect(text).toMatch(SENTENCES);
});

test("what is said in clear is printable ASCII", () => {
	const clear = constant.filter(({ saidIn }) => saidIn.includes("clear"));
	expect(clear.length).toBeGreaterThan(5);
	for (const { text } of clear) expect(text).toMatch(/^[\x20-\x7e]{1,1024}$/);
	for (const version of [0, 2, 9999]) {
		expect(reason("bad_version", version).text).toMatch(/^[\x20-\x7e]{1,1024}$/);
	}
});

describe("where a code is said", () => {
	test("the wire has no local codes, and the rest all cross it", () => {
		const local = all.filter(({ saidIn }) =>
			saidIn.every((place) => place === "client" || place === "start"),
		);
		expect(local.map(({ code }) => code).sort()).toEqual(Object.keys(LOCAL_ERROR_CODES).sort());
	});

	test("after what is refused the connection goes on", () => {
		const refused = all.filter(({ saidIn }) => saidIn.includes("refused"));
		expect(refused.length).toBeGreaterThan(10);
		const ends = refused.filter(({ next }) => next !== "go_on").map(({ code }) => code);
		// In a login, a field can be corrected.
		expect(ends).toEqual(["bad_field", "invalid_address"]);
	});

	test("a request that we do not know is refused, and a message of our own type is a breach", () => {
		expect(ERROR_CODES.unknown_type.saidIn).toEqual(["refused"]);
		expect(ERROR_CODES.bad_type.saidIn).not.toContain("refused" as never);
	});
});

describe("after the server has closed the connection", () => {
	test.each([
		["moving", "resume"],
		["server_stopped", "retry"],
		["left", "end"],
		["kicked", "stay_away"],
		["idle_timeout", "resume"],
	] as const)("%s: a client's next step is %s", (code, next) => {
		expect(ERROR_CODES[code].saidIn).toContain("closing" as never);
		expect(nextStep(code)).toBe(next);
	});

	test("a code of a newer server, or no code of ours, has no next step", () => {
		for (const code of ["a_later_code", "", "constructor", "__proto__", "toString"]) {
			expect(nextStep(code)).toBeNull();
		}
	});
});

describe("the text of", () => {
	test("unknown_type names the type, if that is a plain word", () => {
		for (const type of ["dance", "later_2", "x".repeat(40)]) {
			expect(reason("unknown_type", type).text).toContain(`"${type}"`);
		}
		for (const type of ["", "two words", "\u001b[31m", 'quo"te', "x".repeat(41), "é"]) {
			const { text } = reason("unknown_type", type);
			expect(text).toMatch(SENTENCES);
			if (type !== "") expect(text).not.toContain(type);
		}
	});

	test("no_such_member says that nobody has the name, or that another has it now", () => {
		const gone = reason("no_such_member", "bob").text;
		const other = reason("no_such_member", "bob", true).text;
		for (const text of [gone, other]) expect(text).toMatch(/^.*"bob".*\.$/);
		expect(gone).toContain("Nobody");
		expect(other).toContain("whoever has the name now");
	});
});

test.each([
	[1, "1 s"],
	[90, "90 s"],
	[600, "10 min"],
	[43_200, "12 h"],
])("a server that did not come back in %i seconds did not within %s", (seconds, shown) => {
	expect(reason("server_gone", seconds).text).toContain(` within ${shown}. `);
});
