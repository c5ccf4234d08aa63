import type { SequencedEvent } from "../../wire/messages.ts";

/** An action by an owner of the room. */
export type OwnerEvent = Extract<SequencedEvent, { by: string }>;

export const isOwnerEvent = (event: { type: string }): event is OwnerEvent => "by" in event;

/** Describes an owner's action in a sentence, which the caller must sanitize. */
export function describeOwnerEvent(event: Exclude<OwnerEvent, { type: "announced" }>): string {
	const { by } = event;
	switch (event.type) {
		case "kicked":
			return `${by} has sent ${event.name} out of the room${because(event.why)}`;
		case "banned":
			return `${by} has banned ${event.name ?? event.address ?? "an account"}${because(event.why)}`;
		case "unbanned":
			return `${by} has lifted the ban on ${event.address ?? "an account"}`;
		case "muted":
			return `${by} has muted ${event.name}`;
		case "unmuted":
			return `${by} lets ${event.name} speak again`;
		case "titled":
			return `${by} has called the room: ${event.title}`;
	}
}

const because = (why: string | undefined): string => (why === undefined ? "" : `: ${why}`);
