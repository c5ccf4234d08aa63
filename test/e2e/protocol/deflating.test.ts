import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { codeFor } from "../login/code-login.ts";
import { linesOf, type Opened } from "./deflated.ts";

// A busy room: what is deflated on the wire, and what never is.

const NAMES = ["ann", "bob", "carol", "dora"];
/** A long text of few different words. */
const CHATTER = "much is said here and most of it was said before ".repeat(160);

let stage: Stage;
const talkers: Peer[] = [];
const visitors: Peer[] = [];
/** What each of them has received; the talkers' come first. */
let received: Opened[][];
let rounds = 0;

beforeAll(async () => {
	const rates = ["--message-rate", "1000000", "--message-burst", "1000000"];
	stage = await Stage.openWith({ isMailing: true }, "--grace", "0", ...rates);
	for (const name of NAMES) talkers.push(await Peer.member(stage, name));
	await eventually("ann meets dora", () => talkers[0]?.visitOf("dora"));
	do {
		visitors.push(await visit(`guest${visitors.length}`));
		received = [...talkers, ...visitors].map(linesOf);
	} while (!hasWhatMatters() && visitors.length < 10);
});

afterAll(() => stage[Symbol.asyncDispose]());

/** Somebody comes in the moment in which everybody talks, hears some more and leaves. */
async function visit(name: string): Promise<Peer> {
	const email = `${name}@gmail.com`;
	const visitor = Peer.greeting(stage);
	// The server checks a code by itself, so that one turn of it sees the login and the talk.
	const proof = await codeFor(stage, email);
	stage.server.kill("SIGSTOP");
	const heard = talk();
	visitor.send({ type: "login", name, email, ...proof });
	stage.server.kill("SIGCONT");
	await visitor.waitFor("welcome");
	await heard;
	await talk();
	visitor.send({ type: "leave" });
	await visitor.waitUntilClosed();
	return visitor;
}

/** Each talker tells another a secret and says four long texts, all in one token. */
async function talk(): Promise<void> {
	const round = ++rounds;
	const ids = [0, 1, 2, 3].map((i) => `${round}-${i}`);
	for (const [i, talker] of talkers.entries()) {
		const to = NAMES[(i + 1) % NAMES.length] ?? "";
		const says = ids.map((id) => ({ type: "say", id, text: `${round} ${CHATTER}` }));
		const told = { id: `${round}-secret`, text: `secret ${round} ${CHATTER}` };
		// A private line ends the batch before it, so the public ones come after it.
		talker.send({ type: "tell", to, visit: talkers[0]?.visitOf(to), ...told }, ...says);
	}
	const echoes = ({ messages }: Peer) => messages.slice(-60).filter(({ id }) => id === ids[3]);
	await eventually(`round ${round}`, () =>
		talkers.every((talker) => echoes(talker).length === NAMES.length),
	);
}

const deflatedIn = (lines: Opened[]): Opened[] => lines.filter(({ isDeflated }) => isDeflated);
const withKeyIn = (lines: Opened[]): Opened[] => lines.filter(({ value }) => value.next);

/** Somebody came in while others talked: what they said was deflated, the key after it was not. */
function hasWhatMatters(): boolean {
	const [lines = []] = received;
	return lines.some(({ isDeflated }, i) => isDeflated && lines[i + 1]?.value.next);
}

test("batches are deflated, and are the same for every reader", () => {
	const [anns = [], ...others] = received.slice(0, NAMES.length).map(deflatedIn);
	expect(anns.length).toBeGreaterThan(0);
	for (const { bytes, value } of anns) {
		expect(bytes.length).toBeLessThan(JSON.stringify(value).length / 4);
	}
	for (const lines of others) expect(lines).toEqual(anns);
});

test("a batch that brings a room key is not deflated, and what was said before it is", () => {
	expect(hasWhatMatters()).toBe(true);
	for (const lines of received) {
		expect(withKeyIn(lines).filter(({ isDeflated }) => isDeflated)).toEqual([]);
		for (const { value } of withKeyIn(lines)) expect(value.events).toHaveLength(1);
	}
});

test("nothing under a session key is deflated, and everything else is JSON or deflated", () => {
	const firsts = (lines: Opened[]) => new Set(lines.map(({ bytes }) => bytes[0]));
	const json = "{".charCodeAt(0);
	const all = received.flat();
	expect(firsts(all.filter(({ epoch }) => epoch === 0))).toEqual(new Set([json]));
	expect(firsts(all.filter(({ epoch }) => epoch !== 0))).toEqual(new Set([json, 1]));
});

test("no deflated token holds a key or a private line", () => {
	const keys = [...talkers, ...visitors].map(({ key }) => key);
	for (const { value } of received.flat()) {
		const messages = (value.messages ?? [value.next ?? {}]) as { key?: string }[];
		keys.push(...messages.flatMap(({ key }) => key ?? []));
	}
	// The first key, and one for each who came or left after that.
	expect(new Set(keys).size).toBeGreaterThan(talkers.length + 2 * visitors.length);
	const deflated = JSON.stringify(received.flatMap(deflatedIn).map(({ value }) => value));
	const found = [...new Set(keys), '"key"', "secret"].filter((secret) => deflated.includes(secret));
	expect(found).toEqual([]);
});

test("private lines pass under the session keys of the two, and under no room key", () => {
	const textOf = (lines: Opened[]) => JSON.stringify(lines.map(({ value }) => value));
	const [own, room] = [
		received.flat().filter(({ epoch }) => epoch === 0),
		received.flat().filter(({ epoch }) => epoch !== 0),
	];
	expect(textOf(room).includes("secret")).toBe(false);
	expect(textOf(own).match(/"secret \d/g)).toHaveLength(2 * NAMES.length * rounds);
});
