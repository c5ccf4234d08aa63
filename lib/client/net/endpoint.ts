import type { Endpoint } from "../../util/endpoint.ts";
import { isLoopback } from "../../util/host-port.ts";
import type { KeyFolder } from "../../wire/keys/key-folder.ts";
import type { KnownServers } from "./known-servers.ts";
import type { ServerTarget } from "./link.ts";

/** One network address of a server, and what is needed to connect to it. */
export interface Address extends Pick<ServerTarget, "limit"> {
	readonly endpoint: Endpoint;
	/** The IP address: the endpoint's host may have several. */
	readonly ip: string;
	/** Shared with a server on this machine. Without it all goes over TLS, the session key first. */
	readonly keys: KeyFolder | undefined;
	/** Verifies a server with which we share no `keys`. */
	readonly knownServers: KnownServers;
}

/** Whether to use TLS: we cannot share a key folder, or the user gave a fingerprint. */
export const usesTls = ({ host, fingerprints }: Endpoint): boolean =>
	fingerprints.length > 0 || !isLoopback(host);
