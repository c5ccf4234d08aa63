import type { History } from "../../../../lib/server/room-state/history.ts";
import { Member } from "../../../../lib/server/room-state/member.ts";
import type { RoomEvent, SequencedEvent } from "../../../../lib/wire/messages/events.ts";
import type { Told } from "../../../../lib/wire/messages/messages.ts";
import { memberJson } from "./sample-member.ts";

export const MANY = Number.MAX_SAFE_INTEGER;
export let seq = 0;

let visits = 0;

/** A member without a connection, in a visit of its own. */
export const visit = (name: string): Member => new Member(memberJson(name, `${name}-${++visits}`));

export const [ann, bob, carol, dan] = ["ann", "bob", "carol", "dan"].map(visit) as [
	...[Member, Member, Member, Member],
];

/** Adds the events of one turn. */
export function happen(log: History, ...events: RoomEvent[]): void {
	const head = { seq: seq + 1, at: seq + 1, count: events.length };
	log.append({ ...head, events: JSON.stringify(events) });
	seq += events.length;
}

export const said = (member: Member, id: string, text = "hello"): RoomEvent => {
	return { type: "said", from: member.name, id, text };
};

/** A member says something. */
export function say(log: History, member: Member, id: string, text?: string): void {
	happen(log, said(member, id, text));
}

export function join(log: History, member: Member): void {
	happen(log, { type: "joined", name: member.name, visit: member.visit });
}

/** What a member has missed, and how much of it is lost. */
export function missedSince(log: History, member: Member, from: number, heard: number) {
	const { missed, lost } = log.since(member, from, heard);
	const all: (SequencedEvent | Told)[] = [];
	for (let json = missed.next(); json !== null; json = missed.next()) all.push(...JSON.parse(json));
	return { missed: all, lost };
}

/** A private message to a member, or from the author to itself. */
export function tell(log: History, id: string, author: Member, reader = author): void {
	const told = { type: "told", id, at: seq, from: author.name, to: reader.name, text: id } as const;
	log.appendPrivate(JSON.stringify(told), author, reader);
	for (const member of new Set([author, reader])) member.privateCount++;
}
