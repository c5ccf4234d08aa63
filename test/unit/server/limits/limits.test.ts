import { expect, test } from "bun:test";
import { LIMITS } from "../../../../lib/server/limits/limits.ts";
import { LOGIN_WAIT } from "../../../../lib/wire/messages/login-methods.ts";

test("every limit is a number that can be reached, and stands within what it may be set", () => {
	for (const { default: standard, min, max, help } of Object.values(LIMITS)) {
		for (const limit of [standard, min, max]) expect(Number.isSafeInteger(limit)).toBe(true);
		expect(standard).toBeGreaterThan(0);
		expect(min).toBeGreaterThanOrEqual(0);
		expect(standard).toBeGreaterThanOrEqual(min);
		expect(standard).toBeLessThanOrEqual(max);
		expect(help).toMatch(/^\S.*\S$/);
	}
	// A grace of 0 sends a member away at a break, 0 days remember no device; any other 0 would let
	// nobody do anything.
	const zeros = Object.entries(LIMITS).filter(([, { min }]) => min === 0);
	expect(zeros.map(([name]) => name)).toEqual(["rememberDays", "grace"]);
});

test("a client that has to wait for a mail server, and for its turn, still gets the server's answer", () => {
	expect(LIMITS.gmailTime.max).toBeLessThan(LOGIN_WAIT);
});
