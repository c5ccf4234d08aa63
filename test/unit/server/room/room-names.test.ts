import { expect, test } from "bun:test";
import { Ear, Scene } from "./test-room.ts";

// Two names that one could take for each other.
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
		const scene = new Scene();
		const holder = scene.join(first, "holder");
		const other = new Ear(scene, second, "other");
		const obstacle = scene.room.admissionError(other);
		expect(obstacle?.code).toBe("name_taken");
		expect(obstacle?.text).toContain(first);
		// It is taken before the end of the turn and after it, and until its holder has left.
		scene.turn();
		expect(scene.room.admissionError(other)?.code).toBe("name_taken");
		scene.lose(holder);
		expect(scene.room.admissionError(other)).toBeNull();
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
	const scene = new Scene();
	scene.join(held, "holder");
	expect(scene.join(wanted, "other").name).toBe(wanted);
	expect(scene.here).toEqual([held, wanted]);
});

test("an account may come back under its own name, one like it, or another", () => {
	for (const name of ["ann", "ANN", "arm", "zoe"]) {
		const scene = new Scene();
		scene.join("ann");
		const again = scene.join(name, "ann");
		scene.turn();
		expect(again.members).toEqual([name]);
		// The name it has now is held, and no other.
		for (const other of ["ann", "zoe"]) {
			const isHeld = other === name.toLowerCase();
			const obstacle = scene.room.admissionError(new Ear(scene, other, "somebody"));
			expect(obstacle !== null).toBe(isHeld);
		}
	}
});

test("an account may not come back under somebody else's name", () => {
	const { scene } = Scene.of("ann", "bob");
	expect(scene.room.admissionError(new Ear(scene, "BOB", "ann"))?.code).toBe("name_taken");
});

test("a connection that was replaced gives no name away when it is gone", () => {
	const scene = new Scene();
	const old = scene.join("ann");
	scene.join("ann");
	scene.lose(old);
	expect(scene.room.admissionError(new Ear(scene, "ann", "somebody"))?.code).toBe("name_taken");
});
