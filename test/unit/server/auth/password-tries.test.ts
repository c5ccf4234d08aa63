import { expect, test } from "bun:test";
import { PasswordTries } from "../../../../lib/server/auth/password-tries.ts";

const START = 1_000_000;
const MINUTE = 60_000;

test("from the second wrong password on, what is left is said, and for how long nothing is", () => {
	const tries = new PasswordTries(4);
	const wrong = (wait: number, now = START): string => {
		tries.count("ann", now);
		return tries.afterWrong("ann", wait, now);
	};
	expect(wrong(0)).toBe("");
	expect(wrong(0)).toBe("You have at most 2 tries left for now.");
	// Somebody else's login, or a right one, takes one, too.
	tries.count("ann", START);
	expect(wrong(12_001)).toBe("You have no try left. Try again in 13 s.");
	expect(wrong(0, START + MINUTE)).toBe("");
	expect(wrong(0, START + MINUTE)).toBe("You have at most 2 tries left for now.");
	expect(tries.afterWrong("bob", 0, START)).toBe("");
});

test("the limit is right where it allows more than we count", () => {
	const tries = new PasswordTries(2);
	for (let i = 0; i < 3; i++) tries.count("ann", START);
	expect(tries.afterWrong("ann", 0, START)).toBe("");
	expect(tries.afterWrong("ann", 0, START)).toBe("You have at most one try left for now.");
});
