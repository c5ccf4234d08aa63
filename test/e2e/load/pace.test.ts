import { expect, test } from "bun:test";
import { Guest } from "../../support/crowd.ts";
import { eventually } from "../../support/eventually.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";

// How much one member may say: a paste passes; a runaway program waits, and nobody else does.

const say = (i: number) => ({ type: "say", id: `line-${i}`, text: `line ${i}` });
const idsOf = (peer: Peer, type: string): unknown[] =>
	peer.messages.filter((message) => message.type === type).map(({ id }) => id);
const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `line-${i}`);

test("by default a person may paste 300 lines", async () => {
	await using stage = await Stage.local();
	const peer = await Peer.member(stage, "peer");
	const began = performance.now();
	for (const i of ids(300).keys()) peer.send(say(i));
	await eventually("all said", () => idsOf(peer, "said").length === 300);
	expect(performance.now() - began).toBeLessThan(3000);
	expect(idsOf(peer, "said")).toEqual(ids(300));
});

test.each([
	["in tokens of one", 1],
	["in tokens of fifty", 50],
])(
	"what is said too fast, %s, is said all the same, in order, once there is time for it",
	async (_, size) => {
		await using stage = await Stage.local("--message-rate", "50", "--message-burst", "20");
		const peer = await Peer.member(stage, "peer");
		const began = performance.now();
		for (let i = 0; i < 150; i += size) {
			peer.send(...Array.from({ length: size }, (_, more) => say(i + more)));
		}
		await eventually("heard", () => idsOf(peer, "said").length === 150);
		// The ping waits until the rate has made up for the excess lines: (150 - 20) / 50 s.
		peer.send({ type: "ping", private: 0 });
		await peer.waitFor("pong");
		expect(performance.now() - began).toBeGreaterThan(1500);
		expect(idsOf(peer, "said")).toEqual(ids(150));
		expect(idsOf(peer, "refused")).toEqual([]);
	},
);

test("a member is not silent while the server does not read on, whatever it has sent", async () => {
	const flags = ["--message-rate", "1", "--message-burst", "1", "--idle-time", "1"];
	await using stage = await Stage.local(...flags);
	const sent = [[0, 1, 2, 3].map(say), Array(4).fill({ type: "who" })];
	const answered = [...sent, Array(4).fill({ type: "ping", private: 0 })].map(
		async (requests, i) => {
			const peer = await Peer.member(stage, `peer${i}`);
			peer.send(...requests);
			const answers = () =>
				peer.messages.filter(({ type, from }) =>
					type === "said" ? from === `peer${i}` : /^(roster|pong|closing)$/.test(type),
				);
			await eventually("an answer to each", () => answers().length >= requests.length);
			expect(answers().map(({ type }) => type)).not.toContain("closing");
		},
	);
	await Promise.all(answered);
});

test("a member that floods is slowed down, and nobody else waits", async () => {
	await using stage = await Stage.local("--message-rate", "1", "--message-burst", "1");
	await using member = await Guest.join(stage, "member");
	const peer = await Peer.member(stage, "peer");
	const lines = 20_000;
	for (const i of ids(lines).keys()) peer.send(say(i));
	await eventually("the first of it", () => member.heard > 0);
	expect(await member.say("hello")).toBeLessThan(1000);
	// The room hears at most what the system hands over at a time; the rest has to wait.
	expect(member.heard).toBeLessThan(lines / 2);
	expect(member.faults).toEqual([]);
	await using late = await Guest.join(stage, "late");
	await late.say("hello");
	peer.cut();
});

test("a member that resumes has what was left of its burst, not a new one", async () => {
	await using stage = await Stage.local("--message-rate", "1", "--message-burst", "40");
	await using member = await Guest.join(stage, "member");
	const began = performance.now();
	let guest = await Guest.join(stage, "guest");
	for (let round = 0; round < 10; round++) {
		const echoes = Array.from({ length: 40 }, (_, i) => guest.say(`${round} ${i}`));
		// The room takes the burst, or keeps it waiting while it hears the member.
		await Promise.race([Promise.all(echoes), member.say("still here")]);
		guest.cut();
		guest = await Guest.resume(stage, guest);
	}
	guest.cut();
	await member.say("hello");
	const seconds = Math.ceil((performance.now() - began) / 1000);
	// The member's own lines, the guest's burst twice, and what the rate gives.
	expect(member.heard).toBeLessThanOrEqual(11 + 2 * 40 + seconds);
});
