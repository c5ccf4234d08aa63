import { formatHostPort, type HostPort } from "./host-port.ts";

/** SHA-256 of a certificate, 64 lower-case hexadecimal digits. */
export type Fingerprint = string;

export const isFingerprint = (text: unknown): text is Fingerprint =>
	typeof text === "string" && /^[0-9a-f]{64}$/.test(text);

/** Where a server is, and the fingerprints, if any were given, of which its certificate has one. */
export interface Endpoint extends HostPort {
	readonly fingerprints: readonly Fingerprint[];
}

/** Formats the servers of one room as a person types them. */
export const formatEndpoints = (endpoints: readonly Endpoint[]): string =>
	endpoints.map((each) => [formatHostPort(each), ...each.fingerprints].join("#")).join(",");
