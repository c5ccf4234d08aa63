import { reason } from "../../../lib/wire/errors/reason.ts";
import type { Say, Tell } from "../../../lib/wire/messages/messages.ts";
import type { Stage } from "../../support/programs.ts";
import { type Entry, LocalTalker, ProcessTalker, type Talker } from "./talkers.ts";

// Members talk while something breaks; then a count shows where every message went.

/** Members that are programs of their own; the others run in this process, which is faster. */
const PROCESSES = 2;
/** Milliseconds between two moments at which each member may say something. */
const TICK = 20;
/** A member with this many unechoed messages says nothing more for now. */
const AHEAD = 20;
/** Milliseconds after the last break until everybody must have everything. */
export const SETTLE = 60_000;

/** The counts. All but those of the first group must be 0. */
export interface Tally {
	returns: number;
	said: number;
	told: number;
	logins: number;

	/** Said and never echoed. */
	unechoed: number;
	/** Said, but not received: one for each member that misses the message. */
	missing: number;
	/** Received more than once. */
	repeated: number;
	/** One for each member with messages out of order, or in another order than the first. */
	disordered: number;
	/** Received, but said by nobody, or not meant for this member. */
	strange: number;
	/** Messages that the server reported as lost. */
	lost: number;
	/** Logins beyond one for each member; unexpected messages; key files left behind. */
	logins_again: number;
	surprises: number;
	keys_left: number;
}

/** Numbers from 0 to 1 that a seed decides: mulberry32. */
export function random(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

interface Conversation {
	/** Of each of the room's servers. */
	readonly stages: readonly Stage[];
	readonly entry: Entry;
	readonly members: number;
	/** Numbers from 0 to 1. */
	readonly draw: () => number;
}

/**
 * Lets members talk until `breakThings` is done, which should end at once when something `isWrong`.
 * Then all leave, which ends the room.
 */
export async function converse(
	conversation: Conversation,
	breakThings: (isWrong: () => boolean) => Promise<void>,
): Promise<Tally> {
	const { stages, members, draw } = conversation;
	await using tidy = new AsyncDisposableStack();
	const talkers = await gather(conversation, tidy);
	await until(() => talkers.every(knowsAll), SETTLE);
	const sent: { message: Say | Tell; from: string }[] = [];
	let isTalking = true;
	const talk = setInterval(() => {
		for (const talker of talkers) {
			talker.read();
			if (!isTalking || talker.unechoed.size >= AHEAD || draw() < 0.5) continue;
			const message = anyMessage(draw, talker, talkers);
			sent.push({ message, from: talker.name });
			talker.say(message);
		}
	}, TICK);
	await breakThings(() => talkers.some(({ surprises }) => surprises.length > 0));
	isTalking = false;
	const heard = () => talkers.reduce((sum, { said, told }) => sum + said.length + told.length, 0);
	const due = sent.reduce((sum, { message: { type } }) => sum + (type === "say" ? members : 2), 0);
	await until(() => talkers.every(({ unechoed }) => unechoed.size === 0) && heard() >= due, SETTLE);
	clearInterval(talk);
	for (const talker of talkers) talker.read();
	const surprises = talkers.flatMap((talker) => talker.surprises);
	for (const surprise of surprises) console.error(surprise);
	for (const talker of talkers) talker.leave();
	const { text } = reason("room_ended");
	await until(() => stages.every(({ server }) => server.out.includes(text)), SETTLE);
	const logins = sum(stages, (stage) => stage.logins.length);
	const keys = await Promise.all(stages.map((stage) => stage.keyFiles()));

	return {
		returns: sum(talkers, ({ returns }) => returns),
		...count(talkers, sent),
		logins,
		logins_again: logins - members,
		lost: sum(talkers, ({ lost }) => lost),
		surprises: surprises.length,
		keys_left: keys.flat().length,
	};
}

/** Whether a tally counts no fault. */
export function isUnharmed({ returns, said, told, logins, ...faults }: Tally): boolean {
	return Object.values(faults).every((fault) => fault === 0);
}

async function gather(
	{ entry, members }: Conversation,
	tidy: AsyncDisposableStack,
): Promise<Talker[]> {
	const talkers: Talker[] = [];
	for (let index = 0; index < members; index++) {
		const name = `member${index}`;
		const talker =
			index < PROCESSES
				? await ProcessTalker.enter(entry, name)
				: await LocalTalker.enter(entry, name, { waitsForPong: index % 2 === 0 });
		talkers.push(tidy.use(talker));
	}
	return talkers;
}

/** Whether a talker has been shown everybody, so that it can address them. */
function knowsAll(talker: Talker, _: number, { length }: readonly Talker[]): boolean {
	talker.read();
	return talker.visits.size === length;
}

/** One in ten is private; short or long, in characters of one to four bytes. */
function anyMessage(draw: () => number, author: Talker, talkers: readonly Talker[]): Say | Tell {
	const id = crypto.randomUUID();
	const letter = pick(draw, ["a", "é", "€", "\u{1f99c}", "\n", '"']);
	const text = letter.repeat(1 + Math.floor(draw() * (draw() < 0.02 ? 2000 : 60)));
	if (draw() >= 0.1) return { type: "say", id, text };
	const others = talkers.filter((talker) => talker !== author);
	const to = pick(draw, others).name;
	return { type: "tell", id, to, visit: author.visits.get(to) ?? "", text };
}

export function pick<T>(draw: () => number, choices: readonly T[]): T {
	const choice = choices[Math.floor(draw() * choices.length)];
	if (choice === undefined) throw new Error("nothing to pick from");
	return choice;
}

/** Compares the sent messages with what each member received. */
function count(talkers: readonly Talker[], sent: { message: Say | Tell; from: string }[]) {
	const said = new Set<string>();
	const toldTo = new Map(talkers.map(({ name }) => [name, new Set<string>()]));
	for (const { message, from } of sent) {
		const { id, text } = message;
		if (message.type === "say") said.add(JSON.stringify([from, id, text]));
		else for (const name of [from, message.to]) toldTo.get(name)?.add(key(from, message));
	}
	let [missing, repeated, strange, disordered] = [0, 0, 0, 0];
	for (const talker of talkers) {
		const own = talker.said.map((line) => JSON.stringify(JSON.parse(line).slice(1)));
		for (const [heard, due] of [
			[own, said],
			[talker.told, toldTo.get(talker.name) ?? new Set<string>()],
		] as const) {
			const once = new Set(heard);
			repeated += heard.length - once.size;
			strange += once.difference(due).size;
			missing += due.difference(once).size;
		}
		// Each line includes its number in the room, so equal lists mean one order.
		if (!Bun.deepEquals(talker.said, talkers[0]?.said)) disordered++;
		if (!Bun.deepEquals(talker.said, talker.said.toSorted(bySeq))) disordered++;
	}
	const told = sent.length - said.size;
	const unechoed = sum(talkers, (talker) => talker.unechoed.size);
	return { said: said.size, told, unechoed, missing, repeated, strange, disordered };
}

const key = (from: string, { to, id, text }: Tell): string => JSON.stringify([from, to, id, text]);
const bySeq = (one: string, other: string): number => JSON.parse(one)[0] - JSON.parse(other)[0];

function sum<T>(all: readonly T[], of: (one: T) => number): number {
	return all.reduce((total, one) => total + of(one), 0);
}

/** Waits for `isSo`, at most `patience` ms: the counts show what did not come true. */
export async function until(
	isSo: () => boolean,
	patience = Number.POSITIVE_INFINITY,
): Promise<void> {
	const deadline = Date.now() + patience;
	while (!isSo() && Date.now() < deadline) await Bun.sleep(TICK);
}
