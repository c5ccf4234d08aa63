import type { Incoming } from "../net/incoming.ts";
import { count } from "../util/count.ts";

// What a person reads in answer to a question or a command.

type Answer = Extract<Incoming, { type: "banlist" | "device_list" | "signed_out" }>;

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
