import { describe, expect, test } from "bun:test";
import { randomId } from "../../../../lib/util/random-id.ts";
import type { RoomHarness } from "./room-harness.ts";
import type { TestClient } from "./test-client.ts";
import { GRACE, trio } from "./trio.ts";

// The tokens with which a member comes back.

function goneForTooLong(harness: RoomHarness, client: TestClient): void {
	harness.lose(client);
	harness.pass(GRACE);
}

describe("a token", () => {
	test("is good until what came with the next one is used, and then spent", () => {
		const { harness, ann, bob } = trio();
		const first = bob.token;
		harness.lose(bob);
		// The answer gets lost, twice.
		for (let i = 0; i < 2; i++) {
			harness.say(ann, `while away ${i}`);
			harness.turn();
			expect(harness.resume(bob, { token: first })).toBe(true);
			harness.lose(bob);
		}
		const lost = bob.token;
		expect(harness.resume(bob, { token: first })).toBe(true);
		const next = bob.token;
		harness.confirmToken(bob);
		for (const token of [first, lost]) expect(harness.resume(bob, { token })).toBe(false);
		expect(harness.resume(bob, { token: next })).toBe(true);
	});

	test("brings another one each time; the one used and the last three given stay good", () => {
		const { harness, bob } = trio();
		const first = bob.token;
		for (let i = 0; i < 5; i++) {
			harness.lose(bob);
			expect(harness.resume(bob, { token: first })).toBe(true);
		}
		const given = bob.toldOf("resumed").map(({ resume }) => resume);
		expect(new Set([first, ...given]).size).toBe(6);
		for (const token of given.slice(0, 2))
			expect(harness.room.applications.findByResumeToken(token)).toBeNull();
		for (const token of [first, ...given.slice(2)]) {
			expect(harness.room.applications.findByResumeToken(token)).toBe(bob.member ?? null);
		}
	});

	test("that is used spends those before it, and none that was given since", () => {
		const { harness, bob } = trio();
		const first = bob.token;
		harness.resume(bob, { token: first });
		const second = bob.token;
		harness.resume(bob, { token: first });
		const third = bob.token;
		expect(harness.resume(bob, { token: second })).toBe(true);
		expect(harness.resume(bob, { token: first })).toBe(false);
		expect(harness.resume(bob, { token: third })).toBe(true);
	});

	test("that is confirmed brings another one, and is good until that one is confirmed", () => {
		const { harness, bob } = trio();
		harness.resume(bob);
		harness.confirmToken(bob);
		const confirmed = bob.token;
		harness.resume(bob);
		const after = bob.token;
		expect(after).not.toBe(confirmed);
		expect(harness.resume(bob, { token: after })).toBe(true);
		expect(harness.resume(bob, { token: confirmed })).toBe(false);
		expect(harness.resume(bob, { token: after })).toBe(true);
	});

	test("stays good when the same member says more, and there is none older to spend", () => {
		const { harness, bob } = trio();
		for (let i = 0; i < 3; i++) harness.confirmToken(bob);
		harness.lose(bob);
		expect(harness.resume(bob)).toBe(true);
	});

	test("that nobody was given is nobody's", () => {
		const { harness, bob } = trio();
		harness.lose(bob);
		for (const token of [randomId(), "", "0".repeat(32), bob.token.toUpperCase()]) {
			expect(harness.room.applications.findByResumeToken(token)).toBeNull();
		}
		expect(harness.room.applications.findByResumeToken(bob.token)).toBe(bob.member ?? null);
	});

	test.each([
		["has left", (harness: RoomHarness, client: TestClient) => harness.depart(client)],
		["was gone for too long", goneForTooLong],
		[
			"has joined anew",
			(harness: RoomHarness, client: TestClient) => void harness.join("bob2", client.name),
		],
	])("of somebody who %s is nobody's", (_, end) => {
		const { harness, bob } = trio();
		harness.resume(bob);
		const given = bob.tokens;
		expect(given).toHaveLength(2);
		end(harness, bob);
		harness.turn();
		for (const token of given)
			expect(harness.room.applications.findByResumeToken(token)).toBeNull();
	});

	test("is another for each member, and each time that the one before was confirmed", () => {
		const { harness, ann, bob, carol } = trio();
		const tokens = [ann, bob, carol].map(({ token }) => token);
		for (let i = 0; i < 10; i++) {
			harness.resume(bob);
			tokens.push(bob.token);
			harness.confirmToken(bob);
		}
		expect(new Set(tokens).size).toBe(13);
		for (const token of tokens) expect(token).toMatch(/^[0-9a-f]{32}$/);
	});
});
