import { deflateRawSync } from "node:zlib";
import { RoomKey } from "../../../../lib/wire/crypto/room-key.ts";
import type { RoomEvent } from "../../../../lib/wire/messages/events.ts";
import { readServerLine } from "../../../../lib/wire/transport/server-line.ts";
import { fernet, KEY } from "../crypto/channel-samples.ts";

export const ROOM = new RoomKey(12, KEY);
export const HEAD = { seq: 7, at: 1 };

export const said = (text: string): RoomEvent => ({ type: "said", from: "ann", id: "a1", text });

/** What a batch of these events holds, as its readers get it. */
export const opened = (events: RoomEvent[]) => ({
	events: events.map((event, i) => ({ ...event, seq: HEAD.seq + i, at: HEAD.at })),
});

export const json = (events: RoomEvent[]): string => JSON.stringify({ ...HEAD, events });

/** Bytes as a batch that is deflated. */
export const marked = (deflated: Uint8Array): Buffer => Buffer.concat([Buffer.of(1), deflated]);

export const deflated = (text: string): Buffer => marked(deflateRawSync(text));

/** Opens what a member who knows the room key could send in the server's place. */
export const open = (bytes: Uint8Array | string) => ROOM.open(fernet.encrypt(bytes));

/** The token in a line. */
export const tokenOf = (line: Buffer): string =>
	readServerLine(line.toString("latin1").trimEnd())?.token ?? "";

/** What a room key's line holds, before anything is inflated. */
export const heldBy = (line: Buffer): Buffer => Buffer.from(fernet.decrypt(tokenOf(line)));
