import { type HostPort, isLoopback } from "../../util/host-port.ts";
import type { KeyFolder } from "../../wire/key-folder.ts";
import type { Fingerprint, KnownServers } from "./known-servers.ts";

/** Where a server is and, where the person says it, what its certificate must be. */
export interface Endpoint extends HostPort {
	readonly fingerprint: Fingerprint | undefined;
}

/** A way to a server, and what is needed on it. */
export interface ServerTarget {
	readonly endpoint: Endpoint;
	/** Shared with a server on this machine. Without, all goes over TLS, the session key first. */
	readonly keys: KeyFolder | undefined;
	/** For any other. */
	readonly knownServers: KnownServers;
}

/** Whether no keys folder can be shared, or the person has said what the certificate must be. */
export const isRemote = ({ host, fingerprint }: Endpoint): boolean =>
	fingerprint !== undefined || !isLoopback(host);
