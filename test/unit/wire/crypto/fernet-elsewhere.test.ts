import { describe, expect, spyOn, test } from "bun:test";
import fc from "fast-check";
import reference from "fernet";
import { Fernet } from "../../../../lib/wire/crypto/fernet.ts";
import { selfTest } from "../../../../lib/wire/crypto/self-test.ts";
import { anyCharacter } from "../../../support/any-character.ts";
import {
	askPython,
	EMPTY,
	expectAsSpecified,
	fernet,
	KEY,
	NOW,
	RUNS,
	specified,
	utf8,
} from "./fernet-samples.ts";

describe("the fernet package", () => {
	const secret = new reference.Secret(KEY);
	// The package takes an empty text for a missing one, so the two cannot agree on it.
	const text = fc.string({ unit: anyCharacter, minLength: 1, maxLength: 200 });

	test("opens ours and we open its, for any text", () => {
		const agree = (said: string): void => {
			// The package takes ttl 0 for no limit.
			const theirs = new reference.Token({ secret, token: fernet.encrypt(said), ttl: 0 });
			expect(theirs.decode()).toBe(said);
			expect(utf8(fernet.decrypt(new reference.Token({ secret }).encode(said)))).toBe(said);
		};
		fc.assert(fc.property(text, agree), { numRuns: RUNS });
	});

	test("makes the same token of the same text, time and IV", () => {
		// The package takes the indexes of an IV for its values: only this IV suits both.
		const iv = Array.from({ length: 16 }, (_, index) => index);
		const agree = (said: string, now: number): void => {
			const time = new Date(now * 1000).toISOString();
			const theirs = new reference.Token({ secret, iv, time }).encode(said);
			expect(specified(KEY, said, now, iv)).toBe(theirs);
			expectAsSpecified(KEY, said, now);
		};
		const property = fc.property(text, fc.integer({ min: 1, max: 2 ** 33 }), agree);
		fc.assert(property, { numRuns: RUNS });
	});

	test("disagreeing with it in either direction fails the self-test", () => {
		expect(selfTest()).toBeUndefined();
		const { encrypt } = Fernet.prototype;
		function encryptOther(this: Fernet): string {
			return encrypt.call(this, "another text");
		}
		const faults = [
			() => spyOn(Fernet.prototype, "encrypt").mockReturnValue(EMPTY),
			() => spyOn(Fernet.prototype, "encrypt").mockImplementation(encryptOther),
			() => spyOn(Fernet.prototype, "decrypt").mockReturnValue(Buffer.from("another text")),
		];
		for (const fault of faults) {
			using _ = fault();
			expect(selfTest).toThrow(expect.objectContaining({ code: "self_test_failed" }));
		}
		expect(selfTest()).toBeUndefined();
	});
});

test("Python's cryptography opens ours and we open its, for any bytes", () => {
	const cases = fc
		.sample(fc.uint8Array({ maxLength: 300 }), RUNS)
		.map((bytes) => Buffer.from(bytes));
	const data = cases.map((bytes) => bytes.toString("base64"));
	const tokens = cases.map((bytes) => fernet.encrypt(bytes, { now: NOW }));
	const times = [-61, -60, 0, 60, 61].map((later) => NOW + later);
	const answer = askPython({ key: KEY, data, tokens, times });
	expect(answer.opened).toEqual(data);
	expect(answer.made.map((token) => Buffer.from(fernet.decrypt(token)))).toEqual(cases);
	expect(answer.timely).toEqual([false, true, true, true, false]);
});

// Other implementations open our tokens, and we open theirs.
