import { Bound } from "./bound.ts";
import type { Contender } from "./contender.ts";
import { FernetChat } from "./fernetchat.ts";
import { InspIRCd } from "./inspircd.ts";
import { Threads } from "./threads.ts";
import { WebSocketRoom } from "./websocket.ts";

/** A server that takes part if it is installed. */
export interface Entrant {
	readonly name: string;
	/** Members that it can serve in bearable time. */
	readonly most: number;
	/** The command that installs it, or null when it is installed. */
	missing(): string | null;
	open(): Promise<Contender>;
}

const here = { most: Number.POSITIVE_INFINITY, missing: () => null };

export const OURS: Entrant = { ...here, name: "fernet-chat", open: FernetChat.open };
/**
 * Members beside which the load generator can have as many of all others: with more, it would need
 * more open files than many systems allow, and a connection that has none looks refused.
 */
const MOST_BESIDE = 1000;
/** Compared with the others in clear. */
export const OVER_TLS: Entrant = {
	...here,
	most: MOST_BESIDE,
	name: "fernet-chat, TLS",
	open: FernetChat.openEncrypted,
};
export const WEBSOCKET: Entrant = { ...here, name: "WebSocket", open: WebSocketRoom.open };
/** No server: what no room can do without. */
export const BOUND: Entrant = { ...here, name: "bound", open: Bound.open };
export const INSPIRCD: Entrant = {
	...here,
	most: MOST_BESIDE,
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

/** Ours comes first: each ratio compares ours with one of the others. */
export const ENTRANTS: readonly Entrant[] = [OURS, WEBSOCKET, BOUND, INSPIRCD, THREADS];
