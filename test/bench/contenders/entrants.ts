import type { Contender } from "./contender.ts";
import { FernetChat } from "./fernetchat.ts";
import { InspIRCd } from "./inspircd.ts";
import { Threads } from "./threads.ts";
import { WebSocketRoom } from "./websocket.ts";

/** One that may take part, if it is installed. */
export interface Entrant {
	readonly name: string;
	/** Members that it can serve in bearable time. */
	readonly most: number;
	/** The command that installs it, when it is not. */
	missing(): string | null;
	open(): Promise<Contender>;
}

const here = { most: Number.POSITIVE_INFINITY, missing: () => null };

export const OURS: Entrant = { ...here, name: "fernet-chat", open: FernetChat.open };
/** Compared with others in clear, where the load generator has connections left for it. */
export const OVER_TLS: Entrant = {
	...here,
	most: 1000,
	name: "fernet-chat, TLS",
	open: FernetChat.openEncrypted,
};
export const WEBSOCKET: Entrant = { ...here, name: "WebSocket", open: WebSocketRoom.open };
export const INSPIRCD: Entrant = {
	...here,
	name: "InspIRCd",
	missing: InspIRCd.missing,
	open: InspIRCd.open,
};
export const THREADS: Entrant = {
	name: "Python threads",
	most: 1000,
	missing: Threads.missing,
	open: Threads.open,
};

/** Ours first: the others' ratios are taken against it. */
export const ENTRANTS: readonly Entrant[] = [OURS, WEBSOCKET, INSPIRCD, THREADS];
