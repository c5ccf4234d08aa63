import type { SequencedEvent } from "../../wire/messages/events.ts";

/** An action by an owner of the room. */
export type OwnerEvent = Extract<SequencedEvent, { by: string }>;

export const isOwnerEvent = (event: { type: string }): event is OwnerEvent => "by" in event;

/** Describes an owner's action in a sentence, which the caller must sanitize. */
export function describeOwnerEvent(event: Exclude<OwnerEvent, { type: "announced" }>): string {
	const { by } = event;
	switch (event.type) {
		case "kicked":
			return `${by} removed ${event.name} from the room${because(event.reason)}`;
		case "banned":
			return `${by} banned ${event.name ?? event.address ?? "an account"}${because(event.reason)}`;
		case "unbanned":
			return `${by} unbanned ${event.address ?? "an account"}`;
		case "muted":
			return `${by} muted ${event.name}`;
		case "unmuted":
			return `${by} unmuted ${event.name}`;
		case "titled":
			return `${by} renamed the room to "${event.title}"`;
	}
}

const because = (reason: string | undefined): string => (reason === undefined ? "" : `: ${reason}`);
