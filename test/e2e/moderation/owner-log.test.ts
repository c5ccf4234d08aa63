import { expect, test } from "bun:test";
import { entriesIn, waitForEntry } from "../../support/log.ts";
import { memberAs, waitForRefusal } from "../../support/owners.ts";
import { Stage } from "../../support/programs.ts";
import { waitUntilMet } from "./meeting.ts";
import { useOwnedRoom } from "./owned-room.ts";

// What the operator's log says of owners, and of others who send owner commands.

useOwnedRoom();

test("what an owner asks for, and of whom, is in the log; a word of it is not", async () => {
	await using room = await Stage.local("--owner", "ann@gmail.com", "--log", "json");
	const [ann, bob] = [await room.member("ann"), await room.member("bob")];
	await waitUntilMet(ann, bob);
	ann.send({ type: "announce", text: "a word to all" });
	ann.send({ type: "ban", who: "E.ve+x@googlemail.com", reason: "a word of eve" });
	ann.send({ type: "unban", address: "EVE@gmail.com" });
	ann.send({ type: "kick", name: "bob", reason: "a word to bob" });
	await bob.exit();
	await waitForEntry(room.server, { event: "left", name: "bob", code: "kicked" });
	const rob = await memberAs(room, "bob", "r.o.b@gmail.com");
	await waitUntilMet(ann, rob);
	ann.send({ type: "ban", who: "BOB" });
	await rob.exit();
	await waitForEntry(room.server, { event: "left", name: "bob", code: "banned" });
	const who = { event: "owner_command", name: "ann", account: "ann@gmail.com" };
	const asked = entriesIn(room.server).filter(({ event }) => event === "owner_command");
	expect(asked).toMatchObject([
		{ ...who, code: "announce" },
		{ ...who, code: "ban", text: "eve@gmail.com" },
		{ ...who, code: "unban", text: "eve@gmail.com" },
		{ ...who, code: "kick", text: "bob" },
		{ ...who, code: "ban", text: "rob@gmail.com" },
	]);
	expect(room.server.err).not.toContain("a word");
});

test("the log names each member that tries an owner command, once", async () => {
	await using room = await Stage.local("--log", "json");
	const [bob, carol] = [await room.member("bob"), await room.member("carol")];
	await waitUntilMet(bob, carol);
	await waitForRefusal(bob, { type: "ban", who: "carol", reason: "a word" });
	await waitForRefusal(bob, { type: "close" });
	await waitForRefusal(carol, { type: "bans" });
	await waitForEntry(room.server, { event: "refused", name: "carol" });
	const refused = entriesIn(room.server).filter(({ event }) => event === "refused");
	const told = (name: string, type: string) => ({
		...{ at: expect.any(Number), event: "refused", name, account: `${name}@gmail.com` },
		...{ ip: "127.0.0.1", code: "not_owner" },
		text: `This member is not an owner, but sent the owner command ${type}.`,
	});
	expect(refused).toEqual([told("bob", "ban"), told("carol", "bans")]);
});
