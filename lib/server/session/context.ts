import type { Clocks } from "../../util/clock.ts";
import type { EndOfTurn } from "../../util/end-of-turn.ts";
import type { KeyFolder } from "../../wire/keys/key-folder.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import type { DeviceList } from "../devices/device-list.ts";
import type { KeyPoller } from "../keys/key-poller.ts";
import type { Limits } from "../limits/limits.ts";
import type { Logger } from "../log/logger.ts";
import type { JoinBatcher } from "../room/join-batcher.ts";
import type { Room } from "../room/room.ts";

/** What a session needs from its connection. */
export interface Transport {
	readonly ip: string;
	/** Nobody on the way can read the connection, so a key may travel on it. */
	readonly isEncrypted: boolean;
	send(bytes: Buffer): void;
	/** Raises or lowers the number of bytes that one line may have. */
	setMaxLine(bytes: number): void;
	/** Runs an action in a later turn, as soon as few bytes wait to be taken. The newest counts. */
	whenReady(action: () => void): void;
	/** Sends a last message and hangs up. Ignores whatever arrives afterwards. */
	end(lastWord: Buffer): void;
	/** Likewise, for a connection that another one replaces: drops what it has not taken yet. */
	abandon(lastWord: Buffer): void;
	/** Likewise, for a slow reader, who has to take all that is on its way before. */
	endPatiently(lastWord: Buffer): void;
}

/** What all sessions share. */
export interface ServerContext extends Clocks {
	readonly room: Room;
	readonly joins: JoinBatcher;
	readonly authenticator: Authenticator;
	/** Null if none is remembered. */
	readonly devices: DeviceList | null;
	readonly keys: KeyFolder;
	readonly keyPoller: KeyPoller;
	/** The ids of open sessions; each serves one connection. */
	readonly sessionIds: Set<string>;
	readonly limits: Limits;
	readonly endOfTurn: EndOfTurn;
	readonly logger: Logger;
	/** The service that checks passwords and access tokens: `gmail.com`, or a mail server. */
	readonly verifier: string;
}
