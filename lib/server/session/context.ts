import type { KeyFolder } from "../../wire/key-folder.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import type { KeyPoller } from "../keys/key-poller.ts";
import type { Limits } from "../limits/limits.ts";
import type { Logger } from "../log/logger.ts";
import type { Moderation } from "../moderation/moderation.ts";
import type { Room } from "../room/room.ts";

/** What a session needs of its connection. */
export interface Transport {
	/** Whose it is, as far as the network tells. */
	readonly ip: string;
	/** Nobody on the way can read it, so that a key may travel on it. */
	readonly isEncrypted: boolean;
	send(bytes: Buffer): void;
	/** Raises or lowers what one line may hold. */
	setMaxLine(bytes: number): void;
	/** A last word, then the end of the connection. Whatever comes afterwards is not heard. */
	finish(lastWord: Buffer): void;
}

/** What all sessions share. */
export interface ServerContext {
	readonly room: Room;
	readonly authenticator: Authenticator;
	readonly moderation: Moderation;
	readonly keys: KeyFolder;
	readonly keyPoller: KeyPoller;
	readonly limits: Limits;
	/** What members may see of a verified address. */
	readonly shownEmail: (account: string) => string | undefined;
	/** Has somebody come or go, in a large room together with all who do so within a moment. */
	readonly scheduleJoin: (step: () => void) => void;
	/** The session ids that are connected: each serves one connection. */
	readonly sessions: Set<string>;
	/** Milliseconds since 1970. */
	readonly now: () => number;
	/** For the owner. */
	readonly logger: Logger;
}
