import { expect, test } from "bun:test";
import { usage } from "../../support/crowd.ts";
import { eventually } from "../../support/eventually.ts";
import { MIB } from "../../support/flood.ts";
import { noise } from "../../support/noise.ts";
import type { Json } from "../../support/programs.ts";
import { UnreadClient } from "../../support/unread-client.ts";
import { Liar } from "../terminal/liar.ts";

// A hostile server, or a room that talks, and a client whose output nobody reads.

const ROSTER = {
	type: "roster",
	members: Array.from({ length: 80_000 }, (_, i) => ({
		...{ name: `b${String(i).padStart(8, "0")}`, visit: `v${i}`, since: 1_795_392_000_000 },
	})),
};
/** 10 MiB in all. */
const TEXTS = Array.from({ length: 1280 }, () => noise(8192));
/** Looks at a client that takes nothing, after which it will take no more. */
const QUIET_LOOKS = 100;
const told = (text: string, id: number) => ({
	...{ type: "told", id: String(id), at: 0, from: "bob", to: "ann", text },
});

/** `count` members who join; no two floods of different numbers name the same. */
const members = (count: number, flood = 0) =>
	Array.from({ length: count }, (_, i) => ({
		...{ type: "joined", name: `m${flood}.${i}`, visit: `v${flood}-${i}` },
	}));
const comeAndGo = (joined: Json & { name: string }): Json[] => [
	joined,
	{ type: "left", name: joined.name },
];

/** `most`: MiB by which the client may grow. */
const floods: [what: string, flag: string, most: number, send: (liar: Liar) => void][] = [
	[
		"rosters that nobody asked for",
		"--plain",
		48,
		(liar) => {
			for (let i = 0; i < 6; i++) liar.tell(ROSTER);
		},
	],
	[
		"what the room says",
		"--plain",
		16,
		(liar) => {
			for (const text of TEXTS) liar.say("bob", text);
		},
	],
	[
		"members who come and go",
		"--plain",
		64,
		(liar) => {
			for (let i = 0; i < 10; i++) liar.batch(...members(5000, i).flatMap(comeAndGo));
		},
	],
	[
		"private messages",
		"--json",
		16,
		(liar) => {
			for (const [id, text] of TEXTS.entries()) liar.tell(told(text, id));
		},
	],
];

/** Waits until the client takes no more, or has taken all. */
async function waitUntilQuiet(liar: Liar): Promise<void> {
	let [waiting, looks] = [liar.waiting, 0];
	await eventually("quiet", () => {
		looks = waiting === liar.waiting ? looks + 1 : 0;
		waiting = liar.waiting;
		return looks === QUIET_LOOKS;
	});
}

test.each(floods)("costs bounded memory: %s, %s", async (_, flag, most, send) => {
	await using liar = await Liar.open();
	await using client = await UnreadClient.start("ann", ...liar.clientArgs(flag));
	await eventually("a login", () => liar.asked.some(({ type }) => type === "login"));
	await client.readUntil("ann");
	// These fill the pipe, so that the client waits for its reader.
	for (let i = 0; i < 300; i++) liar.say("bob", noise(1000));
	const { rss: before } = await usage(client.pid);
	let peak = 0;
	const watch = setInterval(async () => {
		peak = Math.max(peak, (await usage(client.pid)).rss);
	}, 10);
	send(liar);
	liar.say("bob", "the last line");
	await waitUntilQuiet(liar);
	clearInterval(watch);
	expect((peak - before) / MIB).toBeLessThan(most);
	await client.readUntil("the last line");
});

// Nothing is shown of them, or nothing that fills a pipe, so nothing makes the server wait.
test.each(["--plain", "--json"])("members without end end the visit: %s", async (flag) => {
	await using liar = await Liar.open();
	await using client = await UnreadClient.start("ann", ...liar.clientArgs(flag));
	await eventually("a login", () => liar.asked.some(({ type }) => type === "login"));
	await client.readUntil("ann");
	for (let i = 0; i < 5; i++) liar.batch(...members(5000, i));
	await client.readUntil("The server names more members than the 10000 that a room can hold.");
});
