import { isThisMachine, type Place } from "../../util/host-port.ts";
import type { KeyFolder } from "../../wire/key-folder.ts";
import type { Fingerprint, Trust } from "./known-servers.ts";

/** Where a server is and, where the person says it, what its certificate must be. */
export interface Address extends Place {
	readonly fingerprint: Fingerprint | undefined;
}

/** A way to a server, and what is needed on it. */
export interface Route {
	readonly address: Address;
	/** Shared with a server on this machine. Without, all goes over TLS, the session key first. */
	readonly keys: KeyFolder | undefined;
	/** For any other. */
	readonly trust: Trust;
}

/** Whether no keys folder can be shared, or the person has said what the certificate must be. */
export const isRemote = ({ host, fingerprint }: Address): boolean =>
	fingerprint !== undefined || !isThisMachine(host);
