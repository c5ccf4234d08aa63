import { expect, test } from "bun:test";
import { MAX_MUTES, MuteList } from "../../../../lib/server/room-state/mute-list.ts";

test("a muted account is found by the name it was muted under, with the visit or without", () => {
	const muted = new MuteList();
	muted.add("bob@gmail.com", { name: "Bob", visit: "visit-1" });
	for (const name of ["Bob", "bob", "BOB"]) {
		expect(muted.findAccount(name, "visit-1")).toBe("bob@gmail.com");
		expect(muted.findAccount(name, undefined)).toBe("bob@gmail.com");
		expect(muted.findAccount(name, "visit-2")).toBeNull();
	}
	for (const visit of ["visit-1", undefined]) expect(muted.findAccount("b0b", visit)).toBeNull();
});

test("of several accounts muted under one name, the last is found, or that in the visit", () => {
	const muted = new MuteList();
	for (const i of [1, 2, 3]) muted.add(`bob${i}@gmail.com`, { name: "bob", visit: `visit-${i}` });
	expect(muted.findAccount("bob", undefined)).toBe("bob3@gmail.com");
	expect(muted.findAccount("bob", "visit-1")).toBe("bob1@gmail.com");
	expect(muted.delete("bob3@gmail.com")).toBe("bob");
	expect(muted.findAccount("bob", undefined)).toBe("bob2@gmail.com");
	expect(muted.findAccount("bob", "visit-3")).toBeNull();
});

test("an account is muted until that is ended, and ended once", () => {
	const muted = new MuteList();
	muted.add("bob@gmail.com", { name: "bob", visit: "visit-1" });
	expect([muted.has("bob@gmail.com"), muted.has("ann@gmail.com")]).toEqual([true, false]);
	expect([muted.delete("bob@gmail.com"), muted.has("bob@gmail.com")]).toEqual(["bob", false]);
	expect(muted.delete("bob@gmail.com")).toBeNull();
	expect(muted.findAccount("bob", undefined)).toBeNull();
});

test("the list is full at its limit, and not before", () => {
	const muted = new MuteList();
	for (let i = 0; i < MAX_MUTES; i++) {
		expect(muted.isFull).toBe(false);
		muted.add(`u${i}@gmail.com`, { name: `u${i}`, visit: `visit-${i}` });
	}
	expect(muted.isFull).toBe(true);
	muted.delete("u7@gmail.com");
	expect(muted.isFull).toBe(false);
});

test("it comes through JSON unchanged: of several under one name, the last is still found", () => {
	const muted = new MuteList();
	for (const i of [1, 2, 3]) muted.add(`bob${i}@gmail.com`, { name: "bob", visit: `visit-${i}` });
	muted.delete("bob2@gmail.com");
	const again = new MuteList(JSON.parse(JSON.stringify(muted)));
	expect(again.toJSON()).toEqual(muted.toJSON());
	expect(["bob1", "bob2", "bob3"].map((name) => again.has(`${name}@gmail.com`))).toEqual([
		...[true, false, true],
	]);
	expect(again.findAccount("bob", undefined)).toBe("bob3@gmail.com");
	expect(again.findAccount("bob", "visit-1")).toBe("bob1@gmail.com");
});
