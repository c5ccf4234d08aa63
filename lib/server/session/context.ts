import type { KeyFolder } from "../../wire/key-folder.ts";
import type { Entrance } from "../auth/authenticator.ts";
import type { KeyPoll } from "../keys/key-poller.ts";
import type { Limits } from "../limits/limits.ts";
import type { Journal } from "../log/logger.ts";
import type { Powers } from "../moderation/moderation.ts";
import type { Room } from "../room/room.ts";

/** What a session needs of its connection. */
export interface Line {
	/** Whose it is, as far as the network tells. */
	readonly address: string;
	/** Nobody on the way can read it, so that a key may travel on it. */
	readonly isEncrypted: boolean;
	send(bytes: Buffer): void;
	/** Raises or lowers what one line may hold. */
	allow(bytes: number): void;
	/** A last word, then the end of the connection. Whatever comes afterwards is not heard. */
	finish(lastWord: Buffer): void;
}

/** What all sessions share. */
export interface House {
	readonly room: Room;
	readonly entrance: Entrance;
	readonly powers: Powers;
	readonly keys: KeyFolder;
	readonly keyPoll: KeyPoll;
	readonly limits: Limits;
	/** What members may see of a verified address. */
	readonly showAddress: (account: string) => string | undefined;
	/** Has somebody come or go, in a large room together with all who do so within a moment. */
	readonly cross: (step: () => void) => void;
	/** The session ids that are connected: each serves one connection. */
	readonly sessions: Set<string>;
	/** Milliseconds since 1970. */
	readonly now: () => number;
	/** For the owner. */
	readonly journal: Journal;
}
