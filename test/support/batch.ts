import type { Json } from "./programs.ts";

/** What a token of the server's brings, one by one: a batch's events with their numbers and time. */
export function messagesIn(value: Json): Json[] {
	if (!Array.isArray(value.events)) return [value];
	// What was missed has numbers and times of its own.
	if (value.type === "missed") return value.events;
	return value.events.map((event, i) => ({ ...event, seq: Number(value.seq) + i, at: value.at }));
}
