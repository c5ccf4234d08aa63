import { describe, expect, test } from "bun:test";
import { LoginCodes } from "../../../../lib/server/auth/login-codes.ts";
import { LIMITS } from "../../../../lib/server/limits/limits.ts";

const ANN = "ann@gmail.com";
const MINUTE = 60_000;
const RIGHT = { accepted: true } as const;

const present = (
	codes: LoginCodes,
	{ ticket, code }: { ticket: string; code: string },
	now: number,
) => codes.redeem(ANN, { method: "code", ticket, code }, now);

describe("codes", () => {
	test("are good for ten minutes and not for longer", () => {
		const codes = new LoginCodes();
		const [early, late] = [codes.issue(ANN, 0), codes.issue(ANN, 0)];
		expect(present(codes, early, 10 * MINUTE - 1)).toEqual(RIGHT);
		expect(present(codes, late, 10 * MINUTE)).toMatchObject({
			accepted: false,
			code: "code_expired",
		});
	});

	test("are six digits, and differ from one another as chance has it", () => {
		const codes = new LoginCodes();
		const issued = Array.from({ length: 2000 }, () => codes.issue(ANN, 0));
		for (const { code } of issued) expect(code).toMatch(/^\d{6}$/);
		expect(new Set(issued.map(({ ticket }) => ticket)).size).toBe(2000);
		// Two codes may be equal now and then; every first digit is equally frequent.
		expect(new Set(issued.map(({ code }) => code)).size).toBeGreaterThan(1950);
		for (const digit of "0123456789") {
			const many = issued.filter(({ code }) => code.startsWith(digit)).length;
			expect([digit, many > 100 && many < 300]).toEqual([digit, true]);
		}
	});

	test("are good, the first and the last, however many an hour the operator allows", () => {
		const codes = new LoginCodes();
		const first = codes.issue(ANN, 0);
		for (let i = 2; i < LIMITS.codes.max; i++) codes.issue(`invented${i}@gmail.com`, 0);
		const last = codes.issue(ANN, 0);
		expect(present(codes, first, 0)).toEqual(RIGHT);
		expect(present(codes, last, 0)).toEqual(RIGHT);
	});
});
