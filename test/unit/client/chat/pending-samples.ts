import {
	type PendingMessage,
	PendingMessages,
} from "../../../../lib/client/chat/pending-messages.ts";
import type { Say } from "../../../../lib/wire/messages/messages.ts";

/** Later than the client waits for any echo. */
export const LATE = 60_000;
export const NO_ECHO = "no echo came";

export const say = (id: string): Say => ({ type: "say", id, text: `text ${id}` });

/** As many ids, all different. */
export const named = (count: number, prefix = "m"): string[] =>
	Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** Messages with these ids, added at time 0. */
export function adding(...ids: string[]): PendingMessages {
	const pending = new PendingMessages();
	for (const id of ids) pending.add(say(id), 0);
	return pending;
}

/** The same, sent at once. */
export function sending(...ids: string[]): PendingMessages {
	const pending = adding(...ids);
	sendAll(pending);
	return pending;
}

/** Takes every message that may be sent now, and returns their ids. */
export function sendAll(pending: PendingMessages, now = 0): string[] {
	const ids: string[] = [];
	for (let next = pending.next(now); next; next = pending.next(now)) ids.push(next.id);
	return ids;
}

export const idsOf = (pending: Iterable<PendingMessage>): string[] =>
	[...pending].map(({ message }) => message.id);
export const failureIds = (pending: PendingMessages): string[] =>
	pending.failures().map(({ id }) => id);
