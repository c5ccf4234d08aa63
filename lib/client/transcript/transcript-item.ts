import type { Told } from "../../wire/messages/messages.ts";
import type { Incoming } from "../net/incoming.ts";
import type { CollapsedMoves } from "./move-collapser.ts";
import type { OwnerEvent } from "./owner-events.ts";

export interface ConnectionItem {
	readonly kind: "connection";
	readonly isOnline: boolean;
	readonly lost: number;
	readonly text: string;
}

/** Something to show in the transcript. Peers' texts in it are as they came. */
export type TranscriptItem =
	| { readonly kind: "said"; readonly message: Extract<Incoming, { type: "said" }> }
	/** `visit` is that of the other one, if it was known when this came. */
	| { readonly kind: "told"; readonly message: Told; readonly visit?: string | undefined }
	| { readonly kind: "moved"; readonly moves: CollapsedMoves }
	/** A member's connection broke, or was restored. */
	| { readonly kind: "presence"; readonly event: Extract<Incoming, { type: "away" | "back" }> }
	| { readonly kind: "owner"; readonly event: OwnerEvent }
	/** Our connection broke, or is there again; `lost` counts the messages that nobody can bring back. */
	| ConnectionItem
	/** The title or the message of the day, for everyone who joins. */
	| { readonly kind: "notice"; readonly text: string }
	/** Something that the program itself has to say. */
	| { readonly kind: "note"; readonly text: string }
	/** Something that went wrong. */
	| { readonly kind: "problem"; readonly text: string };
