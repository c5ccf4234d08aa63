import type { RoomEvent } from "../../wire/messages.ts";

/** What an owner of the room has done. */
export type Deed = Extract<RoomEvent, { by: string }>;

export const isDeed = (event: { type: string }): event is Deed => "by" in event;

/** A deed other than an announcement, as a sentence that is not cleaned yet. */
export function sentenceOf(deed: Exclude<Deed, { type: "announced" }>): string {
	const { by } = deed;
	switch (deed.type) {
		case "kicked":
			return `${by} has sent ${deed.name} out of the room${because(deed.why)}`;
		case "banned":
			return `${by} has banned ${deed.name ?? deed.address ?? "an account"}${because(deed.why)}`;
		case "unbanned":
			return `${by} has lifted the ban on ${deed.address ?? "an account"}`;
		case "muted":
			return `${by} has muted ${deed.name}`;
		case "unmuted":
			return `${by} lets ${deed.name} speak again`;
		case "titled":
			return `${by} has called the room: ${deed.title}`;
	}
}

const because = (why: string | undefined): string => (why === undefined ? "" : `: ${why}`);
