import { describe, expect, test } from "bun:test";
import { PASSWORD } from "../../support/mailbox.ts";
import { memberAs, settle, waitForRefusal } from "../../support/owners.ts";
import { Peer } from "../../support/peer.ts";
import type { Bot, Json } from "../../support/programs.ts";
import { waitUntilMet } from "./meeting.ts";
import { ann, bob, ownerEventsIn, place, stage, useOwnedRoom } from "./owned-room.ts";

// An owner kicks and mutes.

useOwnedRoom();

describe("/kick", () => {
	test("puts somebody out, who is told by whom and why; the others hear it in order", async () => {
		const carol = await stage.member("carol");
		carol.say("my last words");
		await ann.waitFor({ type: "said", text: "my last words" });
		ann.send({ type: "kick", name: "CAROL", reason: "too loud" });
		expect(await carol.exit()).toBe(2);
		const text = "ann removed you from the room: too loud";
		expect(carol.lines.at(-1)).toEqual({ type: "closed", reason: "kicked", text });
		const left = await bob.waitFor({ type: "left", name: "carol" });
		const kicked = await bob.waitFor({ type: "kicked", name: "carol" });
		expect(kicked).toEqual({
			type: "kicked",
			...place,
			name: "carol",
			by: "ann",
			reason: "too loud",
		});
		expect(left.seq).toBe(Number(kicked.seq) + 1);
		// A kick is no ban.
		await stage.member("carol");
	});

	test("needs somebody who is here, by the very name", async () => {
		for (const name of ["nobody", "b0b"]) {
			expect(await waitForRefusal(ann, { type: "kick", name })).toBe("no_such_member");
		}
		expect(ownerEventsIn(bob).filter(({ name }) => name === "bob")).toEqual([]);
	});

	test("leaves nothing to come back with", async () => {
		const peer = await Peer.member(stage, "dora");
		await ann.waitFor({ type: "joined", name: "dora" });
		ann.send({ type: "kick", name: "dora" });
		expect(await peer.waitFor("kicked")).toMatchObject({ name: "dora", by: "ann" });
		expect(await peer.waitFor("closing")).toMatchObject({
			code: "kicked",
			text: expect.stringContaining("ann"),
		});
		await peer.waitUntilClosed();
		await expectForgotten(peer);
	});

	test("reaches somebody who is away: the name is free, and the place is gone", async () => {
		const peer = await Peer.member(stage, "emil");
		peer.cut();
		await settle(ann, bob);
		ann.send({ type: "kick", name: "emil" });
		await bob.waitFor({ type: "left", name: "emil" });
		await expectForgotten(peer);
		await memberAs(stage, "emil", "another.emil@gmail.com");
	});

	async function expectForgotten(peer: Peer): Promise<void> {
		const { token, ...began } = peer.place;
		const back = Peer.greeting(stage);
		back.send({ type: "resume", token, ...began });
		expect(await back.waitFor("denied")).toMatchObject({ code: "kicked" });
		await back.waitUntilClosed();
	}
});

describe("/mute", () => {
	test("lets nothing of somebody through until it is lifted; the room hears of both", async () => {
		const carl = await stage.member("carl");
		await waitUntilMet(ann, carl);
		ann.send({ type: "mute", name: "carl" });
		expect(await carl.waitFor({ type: "muted" })).toEqual({
			type: "muted",
			...place,
			name: "carl",
			by: "ann",
		});
		const lines: Json[] = [
			{ type: "say", id: "m1", text: "can you" },
			{ type: "say", id: "m2", text: "hear", me: true },
			{ type: "tell", id: "m3", to: "bob", text: "me" },
			{ type: "tell", id: "m4", to: "ann", text: "now" },
		];
		for (const line of lines) {
			carl.send(line);
			const failed = await carl.waitFor({ type: "failed", id: String(line.id) });
			expect(failed).toMatchObject({ code: "muted" });
		}
		ann.send({ type: "unmute", who: "carl" });
		await bob.waitFor({ type: "unmuted", name: "carl", by: "ann" });
		carl.send({ type: "say", id: "m1", text: "can you" });
		for (const member of [ann, bob]) await member.waitFor({ type: "said", id: "m1" });
		const heard = [...ann.lines, ...bob.lines].filter(({ from }) => from === "carl");
		expect(heard.map(({ id }) => id)).toEqual(["m1", "m1"]);
	});

	test("holds for the account: a new login, under another name and spelling, does not end it", async () => {
		const dan = await memberAs(stage, "dan", "dan.d@gmail.com");
		await waitUntilMet(ann, dan);
		ann.send({ type: "mute", name: "dan" });
		await dan.waitFor({ type: "muted" });
		dan.send({ type: "leave" });
		await dan.exit();
		const quiet = await memberAs(stage, "quiet", "D.A.N.D+x@googlemail.com");
		quiet.send({ type: "say", id: "q1", text: "it is me" });
		expect(await quiet.waitFor({ type: "failed", id: "q1" })).toMatchObject({ code: "muted" });
		await waitUntilMet(ann, quiet);
		ann.send({ type: "unmute", who: "quiet" });
		await quiet.waitFor({ type: "unmuted", name: "quiet" });
		await settle(quiet, bob);
	});

	test("is not lifted by a second owner who mutes the same man at the same moment", async () => {
		const boss = await memberAs(stage, "boss", "boss@work.example");
		const gus = await stage.member("gus");
		await waitUntilMet(ann, gus);
		ann.send({ type: "mute", name: "gus" });
		await boss.waitFor({ type: "muted", name: "gus" });
		expect(await waitForRefusal(boss, { type: "mute", name: "gus" })).toBe("already_muted");
		gus.send({ type: "say", id: "g1", text: "still here" });
		expect(await gus.waitFor({ type: "failed", id: "g1" })).toMatchObject({ code: "muted" });
	});

	/** Somebody is muted and leaves; another takes the name. */
	async function muteAndTake(name: string): Promise<Bot> {
		const muted = await stage.member(name);
		await waitUntilMet(ann, muted);
		ann.send({ type: "mute", name });
		await muted.waitFor({ type: "muted" });
		await leave(muted);
		const other = await memberAs(stage, name, `another.${name}@gmail.com`);
		await waitUntilMet(ann, other);
		return other;
	}

	async function leave(bot: Bot): Promise<void> {
		bot.send({ type: "leave" });
		await bot.exit();
	}

	test("is lifted of somebody who has left, in any spelling of the address", async () => {
		const other = await muteAndTake("hal");
		const who = "H.A.L+x@googlemail.com";
		ann.send({ type: "unmute", who });
		await other.waitFor({ type: "unmuted", name: "hal", by: "ann" });
		await leave(other);
		const back = await stage.member("hal");
		await settle(back, ann);
		expect(await waitForRefusal(ann, { type: "unmute", who })).toBe("not_muted");
	});

	test("is lifted of somebody who has left, by the name of then", async () => {
		const other = await muteAndTake("ian");
		// By a name of somebody who is here an owner means the one who is here, and not muted.
		expect(await waitForRefusal(ann, { type: "unmute", who: "Ian" })).toBe("not_muted");
		await settle(other, ann);
		await leave(other);
		await settle(ann);
		ann.send({ type: "unmute", who: "Ian" });
		await bob.waitFor({ type: "unmuted", name: "ian", by: "ann" });
		const back = await stage.member("ian");
		await settle(back, ann);
	});

	test("is lifted of the one who was muted, without a visit, whoever has the name now", async () => {
		const other = await muteAndTake("jim");
		const boss = Peer.greeting(stage);
		const email = "boss@work.example";
		boss.send({ type: "login", name: "chief", email, password: PASSWORD });
		await boss.waitFor("welcome");
		boss.send({ type: "unmute", who: "JIM", visit: boss.visitOf("jim"), id: "here" });
		expect(await boss.waitFor("refused")).toMatchObject({ code: "not_muted", id: "here" });
		boss.send({ type: "unmute", who: "JIM" });
		await other.waitFor({ type: "unmuted", name: "jim", by: "chief" });
		await leave(other);
		const back = await stage.member("jim");
		await settle(back, ann);
	});

	test("is not lifted of somebody who is not muted, or whom nobody knows", async () => {
		for (const who of ["bob", "nobody", "bob@gmail.com"]) {
			expect(await waitForRefusal(ann, { type: "unmute", who })).toBe("not_muted");
		}
		expect(ownerEventsIn(bob).filter(({ name }) => name === "bob")).toEqual([]);
	});

	test("does not unsay what was said before, when it is asked for again", async () => {
		const peer = await Peer.member(stage, "fred");
		peer.send({ type: "say", id: "f1", text: "before" });
		await ann.waitFor({ type: "said", id: "f1" });
		ann.send({ type: "mute", name: "fred" });
		await peer.waitFor("muted");
		peer.send({ type: "say", id: "f1", text: "before" });
		expect(await peer.waitFor("refused")).toMatchObject({ code: "already_said", id: "f1" });
	});
});
