import { expect, test } from "bun:test";
import { RoomHarness } from "./room-harness.ts";
import { TestClient } from "./test-client.ts";

// Two names that somebody could mistake for each other.
test.each([
	["ann", "ann"],
	["ann", "ANN"],
	["ann", "Ann"],
	["bill", "bi11"],
	["bill", "biII"],
	["bIll", "blIl"],
	["1an", "Ian"],
	["lan", "Ian"],
	["Ian", "ian"],
	["bob", "b0b"],
	["BOB", "b0b"],
	["O0", "0o"],
	["5am", "Sam"],
	["modern", "rnodem"],
	["MARNIE", "mamie"],
	["vvalter", "walter"],
	["VValter", "WALTER"],
	["vvv", "vw"],
	["vw", "wv"],
	["a_b", "a-b"],
	["a.b", "a-b"],
	["a.b", "A_B"],
	["-._", "..."],
])("%s and %s are one name", (held, wanted) => {
	for (const [first, second] of [
		[held, wanted],
		[wanted, held],
	] as const) {
		const harness = new RoomHarness();
		const holder = harness.join(first, "holder");
		const other = new TestClient(harness, second, "other");
		const error = harness.admissionError(other);
		expect(error?.code).toBe("name_taken");
		expect(error?.text).toContain(first);
		// The name is taken before and after the end of the turn, until its holder has left.
		harness.turn();
		expect(harness.admissionError(other)?.code).toBe("name_taken");
		harness.lose(holder);
		expect(harness.admissionError(other)).toBeNull();
	}
});

test.each([
	["ann", "anna"],
	["ann", "an"],
	["ann", "anm"],
	["bob", "rob"],
	["mary", "nary"],
	["walter", "valter"],
	["a-b", "ab"],
	["a-b", "a--b"],
	["o", "oo"],
	["vv", "v"],
	["rn", "r-n"],
	["user1", "user2"],
])("%s and %s are two names", (held, wanted) => {
	const harness = new RoomHarness();
	harness.join(held, "holder");
	harness.join(wanted, "other");
	harness.turn();
	expect(harness.here).toEqual([held, wanted]);
});

test("an account may come back under its own name, one like it, or another", () => {
	for (const name of ["ann", "ANN", "arm", "zoe"]) {
		const harness = new RoomHarness();
		harness.join("ann");
		const again = harness.join(name, "ann");
		harness.turn();
		expect(again.members).toEqual([name]);
		// The member holds its present name and no other.
		for (const other of ["ann", "zoe"]) {
			const isHeld = other === name.toLowerCase();
			const error = harness.admissionError(new TestClient(harness, other, "somebody"));
			expect(error !== null).toBe(isHeld);
		}
	}
});

test("an account may not come back under somebody else's name", () => {
	const { harness } = RoomHarness.of("ann", "bob");
	expect(harness.admissionError(new TestClient(harness, "BOB", "ann"))?.code).toBe("name_taken");
});

test("a taken name is told from one that only looks like it", () => {
	const { harness } = RoomHarness.of("Bill");
	const denial = (name: string) =>
		harness.admissionError(new TestClient(harness, name, "somebody"));
	expect(denial("bill")?.text).toContain('"Bill" is already in use');
	expect(denial("Bi11")?.text).toMatch(/"Bi11" looks too much like "Bill"/);
});

test("a connection that was replaced gives no name away when it is gone", () => {
	const harness = new RoomHarness();
	const old = harness.join("ann");
	harness.join("ann");
	harness.lose(old);
	expect(harness.admissionError(new TestClient(harness, "ann", "somebody"))?.code).toBe(
		"name_taken",
	);
});
