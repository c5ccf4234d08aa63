import type { Fernet } from "../../../lib/wire/crypto/fernet.ts";
import type { Peer } from "../../support/peer.ts";
import type { Json } from "../../support/programs.ts";
import { inflated, WireReader } from "../../support/wire-reader.ts";

/** One line from a server, as it is in its token. */
export interface Opened {
	/** 0 under the session key, else the number of the room key. */
	readonly epoch: number;
	/** What was sealed, before anything is inflated. */
	readonly bytes: Uint8Array;
	readonly isDeflated: boolean;
	/** The JSON in it. */
	readonly value: Json;
}

/** Every line that the peer has received, opened with the keys found on the way. */
export function linesOf(peer: Peer): Opened[] {
	const reader = new WireReader(peer.fernet);
	const lines = peer.received.slice(0, peer.received.lastIndexOf("\n")).split("\n");
	return lines.map((line) => {
		const [epoch, token = ""] = line.split(" ");
		const key: Fernet | undefined = epoch === "0" ? peer.fernet : reader.roomKey?.fernet;
		const bytes = key?.decrypt(token) ?? new Uint8Array();
		reader.read(line);
		const value: Json = JSON.parse(inflated(bytes).toString());
		return { epoch: Number(epoch), bytes, isDeflated: bytes[0] === 1, value };
	});
}

/** The batches that came deflated. */
export const deflatedBatches = (peer: Peer): { events: Json[] }[] =>
	linesOf(peer).flatMap(({ isDeflated, value }) =>
		isDeflated ? [{ events: value.events as unknown as Json[] }] : [],
	);
