import { expect, test } from "bun:test";
import type { Candidate } from "../../../../lib/server/room/candidate.ts";
import type { Member } from "../../../../lib/server/room-state/member.ts";
import { memberOf, RoomHarness } from "./room-harness.ts";
import type { TestClient } from "./test-client.ts";
import { trio } from "./trio.ts";

// A member that is back and has not taken all that it missed.

/** Lets a client come back and read nothing further, until `wake`. */
function comeBackBusy(harness: RoomHarness, client: TestClient): { wake: () => void } {
	const waiting: (() => void)[] = [];
	const { token, seq, privateCount } = client;
	const link = client.connect();
	link.whenReady = (action) => void waiting.push(action);
	const request = { type: "resume", token, seq, private: privateCount } as const;
	harness.room.applications.resume(request, link);
	harness.turn();
	return {
		wake: () => {
			for (let action = waiting.shift(); action; action = waiting.shift()) action();
			harness.turn();
		},
	};
}

test("gets its pongs behind all that it missed, and may not ask for any number of them", () => {
	const { harness, ann, bob } = trio();
	harness.lose(ann);
	harness.say(bob, "missed");
	const { wake } = comeBackBusy(harness, ann);
	const ping = (count: number): void => {
		for (let i = 0; i < count; i++) harness.room.ping(memberOf(ann), 0);
	};
	ping(1000);
	expect(ann.toldOf("pong")).toEqual([]);
	wake();
	expect(ann.toldOf("pong")).toHaveLength(1000);
	harness.lose(ann);
	harness.say(bob, "missed, too");
	comeBackBusy(harness, ann);
	ping(1001);
	harness.turn();
	expect(ann.dismissed).toEqual(["too_slow"]);
	expect(ann.toldOf("pong")).toHaveLength(1000);
	// She can come back for the rest.
	expect(harness.resume(ann)).toBe(true);
	expect(ann.texts).toEqual(["missed", "missed, too"]);
});

test("is told once, behind all that it missed, who left without having confirmed its lines", () => {
	const { harness, ann, bob, carol } = trio();
	harness.tell(ann, "bob", "for bob");
	harness.lose(ann);
	harness.say(carol, "missed");
	const { wake } = comeBackBusy(harness, ann);
	harness.depart(bob);
	harness.turn();
	// As the protocol's page asks her to: that does not mean that it has arrived.
	harness.confirmPrivate(ann);
	expect(ann.toldOf("unconfirmed")).toEqual([]);
	wake();
	expect(ann.toldOf("unconfirmed")).toMatchObject([{ name: "bob", count: 1 }]);
	harness.confirmPrivate(ann);
	harness.resume(ann);
	expect(ann.toldOf("unconfirmed")).toHaveLength(1);
});

test("whoever asks who is here and goes in the same turn is forgotten, connected or behind", () => {
	const harness = new RoomHarness();
	const ann = harness.join("ann");
	harness.turn();
	const gone: WeakRef<Member>[] = [];
	const nothing = { send() {}, sendJson() {}, sendRaw() {}, close() {}, isGone: false };
	for (let i = 0; i < 100; i++) {
		const identity = { name: `guest${i}`, account: `guest${i}@gmail.com`, shownEmail: undefined };
		const link: Candidate = {
			...{ ...ann.link, ...nothing },
			admit: (guest) => {
				gone.push(new WeakRef(guest));
				return true;
			},
		};
		harness.room.applications.join(identity, link);
		harness.turn();
		const guest = gone.at(-1)?.deref();
		if (!guest) throw new Error("The guest is not in.");
		harness.room.requestRoster(guest);
		harness.room.disconnect(guest, link, "broken");
		harness.turn();
	}
	expect(harness.room.size).toBe(1);
	Bun.gc(true);
	// The last few may still be on the stack.
	expect(gone.filter((guest) => guest.deref()).length).toBeLessThan(50);
});
