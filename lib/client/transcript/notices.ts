import type { Say, Tell } from "../../wire/messages/messages.ts";
import type { Incoming } from "../net/incoming.ts";
import { count } from "../util/count.ts";
import { sanitizeLine } from "../util/sanitize.ts";
import { shownTime } from "../util/shown-time.ts";

// Sentences of the client's own about what has happened.

/** `lost`: how many messages nobody can bring back; `server`: where we are now, if that may be new. */
export function onlineText(lost: number, server?: string): string {
	const verb = lost === 1 ? "is" : "are";
	const gap = lost === 0 ? "You missed nothing" : `${count(lost, "message")} ${verb} lost for good`;
	const place = server === undefined ? "" : `, at ${server}`;
	return `Connected again${place}. ${gap}.`;
}

/** That a message was not sent, and to whom if it is private. Its text is as it was typed. */
export const notSentText = (message: Say | Tell): string =>
	`Not sent${message.type === "tell" ? ` to ${message.to}` : ""}: ${message.text}`;

type Unconfirmed = Extract<Incoming, { type: "unconfirmed" }>;

export const unconfirmedText = ({ name, count: lines }: Unconfirmed): string =>
	`${sanitizeLine(name)} left, and may not have received ${count(lines, "private message")} from you.`;

/** `since` and `now` are in milliseconds since 1970. */
export const awayText = (name: string, since: number, now: number): string =>
	`${name} has been away since ${shownTime(since, now)}, and can read this only after coming back.`;

/** We cannot know whether it is the one whom the user ignored. */
export const namesakeText = (name: string): string =>
	`${name} is here now. The one whom you ignored has left, and this may be somebody else. To ignore this one, too: /ignore ${name}`;

type Answer = Extract<Incoming, { type: "banlist" | "device_list" | "signed_out" }>;

/** What came of a question or a command. */
export function answerText(answer: Answer): string {
	switch (answer.type) {
		case "banlist":
			return list("Nobody is banned.", "banned account", answer.addresses);
		case "device_list":
			return list("None of your devices is remembered here.", "remembered device", [
				...answer.devices.map(deviceRow),
			]);
		case "signed_out":
			if (answer.count === 0) return "No device was remembered.";
			return `${count(answer.count, "device")} must log in with a password or code the next time.`;
	}
}

const list = (nothing: string, what: string, rows: readonly string[]): string =>
	rows.length === 0 ? nothing : [`${count(rows.length, what)}:`, ...rows].join("\n");

function deviceRow({ made, used, current }: DeviceRow): string {
	const mark = current ? "  (this one)" : "";
	return `since ${time(made)}  last login ${time(used)}${mark}`;
}

type DeviceRow = Extract<Answer, { type: "device_list" }>["devices"][number];

const time = (at: number): string =>
	new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
