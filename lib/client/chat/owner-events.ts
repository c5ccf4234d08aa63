import type { SequencedEvent } from "../../wire/messages.ts";

/** An action by an owner of the room. */
export type OwnerEvent = Extract<SequencedEvent, { by: string }>;

export const isOwnerEvent = (event: { type: string }): event is OwnerEvent => "by" in event;

/** Describes an owner's action in a sentence, which the caller must sanitize. */
export function describeOwnerEvent(event: Exclude<OwnerEvent, { type: "announced" }>): string {
	const { by } = event;
	switch (event.type) {
		case "kicked":
			return `${by} removed ${event.name} from the room${because(event.why)}`;
		case "banned":
			return `${by} banned ${event.name ?? event.address ?? "an account"}${because(event.why)}`;
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

const because = (why: string | undefined): string => (why === undefined ? "" : `: ${why}`);
