import { expect, test } from "bun:test";
import { KeyFolder } from "../../../lib/wire/keys/key-folder.ts";
import { usage } from "../../support/crowd.ts";
import { eventually } from "../../support/eventually.ts";
import { Peer } from "../../support/peer.ts";
import { type Json, Stage } from "../../support/programs.ts";

// A member that comes back again and again, asks for everything each time and reads nothing.

const MIB = 1024 * 1024;
const ATTEMPTS = 12;
const FLAGS = ["--message-rate", "1000000", "--message-burst", "1000000"];

/** Texts that are far longer in JSON, in memory or as characters than they look. */
const texts: [what: string, text: string][] = [
	["control characters, six bytes each in JSON", "\u0001".repeat(8192)],
	["emoji, of four bytes each", "\u{1f99c}".repeat(2048)],
	["quotes and newlines", '"\n'.repeat(4096)],
];

const echoes = (peer: Peer, type: string) => peer.messages.filter((each) => each.type === type);

/** Fills the history, 16 messages at a time. */
async function fill(eve: Peer, type: "say" | "tell", text: string): Promise<void> {
	const to = type === "tell" ? { to: "eve", visit: eve.visitOf("eve") } : {};
	const echo = type === "tell" ? "told" : "said";
	for (let sent = 0; sent < 480; sent += 16) {
		for (let i = sent; i < sent + 16; i++) eve.send({ type, id: `${i}`, text, ...to });
		await eventually(`${sent + 16} echoes`, () => echoes(eve, echo).length === sent + 16);
	}
}

/** A connection that asks for everything and reads nothing. */
function comeBack(stage: Stage, token: unknown): Peer {
	const peer = stage.tidy(new Peer(stage.port));
	new KeyFolder(stage.keys).save(peer.id, peer.key);
	peer.line(`FERNET-CHAT/1 ${peer.id}`);
	peer.send({ type: "resume", token, seq: 0, private: 0 });
	peer.stall();
	return peer;
}

async function ping(bob: Peer): Promise<void> {
	const before = echoes(bob, "pong").length;
	bob.send({ type: "ping", private: 0 });
	await eventually("a pong", () => echoes(bob, "pong").length > before);
}

for (const type of ["tell", "say"] as const) {
	// What everybody hears takes the same way: one text shows it.
	test.each(type === "tell" ? texts : texts.slice(0, 1))(`${type}: %s`, async (_, text) => {
		await using stage = await Stage.open(...FLAGS);
		const bob = await Peer.member(stage, "bob");
		const eve = await Peer.member(stage, "eve");
		await fill(eve, type, text);
		const { token } = eve.place;
		const { rss: before } = await usage(stage.server.pid);
		let peak = before;
		for (let i = 0; i < ATTEMPTS; i++) {
			comeBack(stage, token);
			// Others are served meanwhile.
			await ping(bob);
			peak = Math.max(peak, (await usage(stage.server.pid)).rss);
		}
		expect(peak - before).toBeLessThan(60 * MIB);
		// The place is still eve's, and she can have all that the room still has.
		const back = await Peer.resume(stage, eve);
		back.send({ type: "ping", private: 0 });
		await back.waitFor("pong");
		expect(back.messages.at(-1)?.type).toBe("pong");
	});
}

test("a member that reads slowly gets all in order, with what happens meanwhile, and then the pong", async () => {
	// More than fits between a server and a client that does not read.
	await using stage = await Stage.local(...FLAGS, "--log-bytes", `${64 * MIB}`);
	const bob = await Peer.member(stage, "bob");
	const ann = await Peer.member(stage, "ann");
	await bob.waitFor("joined");
	ann.cut();
	const text = (i: number) => `${i} ${"x".repeat(8000)}`;
	const said: string[] = [];
	const talk = async (count: number): Promise<void> => {
		for (let i = 0; i < count; i++) {
			said.push(text(said.length));
			const message = { id: `m${said.length}`, text: said.at(-1) };
			if (i % 4 === 3) bob.tell("ann", message.id, message.text ?? "");
			else bob.send({ type: "say", ...message });
		}
		await eventually("all of it", () => heard(bob).length === said.length);
	};
	await talk(1000);
	const back = await Peer.resume(stage, ann);
	back.stall();
	back.send({ type: "ping", private: 0 }, { type: "who" });
	// Somebody comes and goes, so that the room key changes before she hears the room again.
	const zoe = await Peer.member(stage, "zoe");
	await talk(40);
	zoe.send({ type: "leave" });
	await zoe.waitUntilClosed();
	await talk(40);
	back.wake();
	await back.waitFor("roster");
	await talk(4);
	await eventually("all of it", () => heard(back).length === said.length);
	expect(heard(back)).toEqual(said);
	const kinds = back.messages.map(({ type }) => type);
	const [pong, roster] = [kinds.indexOf("pong"), kinds.indexOf("roster")];
	expect(pong).toBeGreaterThan(1080);
	expect(roster).toBeGreaterThan(pong);
	expect(back.place.private).toBe(said.length / 4);
});

const heard = (peer: Peer): unknown[] =>
	peer.messages
		.filter(({ type }: Json) => type === "said" || type === "told")
		.map(({ text }) => text);
