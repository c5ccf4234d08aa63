import { type HostPort, isLoopback } from "../../util/host-port.ts";
import type { KeyFolder } from "../../wire/keys/key-folder.ts";
import type { Fingerprint, KnownServers } from "./known-servers.ts";
import type { RememberedDevices } from "./remembered-devices.ts";

/** Where a server is and, if the user gave it, the fingerprint that its certificate must have. */
export interface Endpoint extends HostPort {
	readonly fingerprint: Fingerprint | undefined;
}

/** Which server to connect to, and what is needed to do so. */
export interface ServerTarget {
	readonly endpoint: Endpoint;
	/** Shared with a server on this machine. Without it all goes over TLS, the session key first. */
	readonly keys: KeyFolder | undefined;
	/** Verifies a server with which we share no `keys`. */
	readonly knownServers: KnownServers;
	/** What this device can log in with; undefined if it is not to be remembered. */
	readonly devices?: RememberedDevices | undefined;
}

/** Whether to use TLS: we cannot share a key folder, or the user gave a fingerprint. */
export const usesTls = ({ host, fingerprint }: Endpoint): boolean =>
	fingerprint !== undefined || !isLoopback(host);
