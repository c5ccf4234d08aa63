import { type Endpoint, type Fingerprint, isFingerprint } from "../util/endpoint.ts";
import { formatHostPort } from "../util/host-port.ts";
import { integer, UsageError } from "./parsers.ts";

// The servers of one room, as a person gives them to a client or names them to a server.

/** Servers of one room, and certificates under one name. */
const MAX_SERVERS = 16;
const FORMS = "Write HOST, HOST:PORT or [IPV6]:PORT";

const parsePort = integer(1, 65_535);

/**
 * Parses one server or several, separated by commas. `defaultPort` is for those without a port, and
 * `where` begins what is said about a fault. Throws UsageError.
 */
export function parseEndpoints(text: string, defaultPort: number, where = ""): Endpoint[] {
	const parts = text.split(",").map((part) => part.trim());
	if (parts.length > MAX_SERVERS) {
		throw new UsageError(
			`${where}${parts.length} addresses were given. At most ${MAX_SERVERS} can be.`,
		);
	}
	if (parts.length > 1 && parts.includes("")) {
		throw new UsageError(
			`${where}An address in ${JSON.stringify(text)} is empty. ${FORMS}, with one comma between two.`,
		);
	}
	const endpoints = parts.map((part) => parseEndpoint(part, defaultPort, where));
	const names = endpoints.map(formatHostPort);
	const twice = names.find((name, index) => names.indexOf(name) < index);
	if (twice === undefined) return endpoints;
	throw new UsageError(
		`${where}${JSON.stringify(text)} names ${twice} twice. If it has several certificates, write ${twice}#FINGERPRINT#FINGERPRINT.`,
	);
}

/** Parses HOST, HOST:PORT, [IPV6] or [IPV6]:PORT, and a # before each fingerprint that follows. */
function parseEndpoint(text: string, defaultPort: number, where: string): Endpoint {
	const [, bracketed, plain, port, given] =
		/^(?:\[([\da-fA-F:.]+)\]|([^\s\p{C}:[\]#]+))(?::(\d+))?(?:#(.*))?$/u.exec(text) ?? [];
	// We remember a server by its name, so the name must have one spelling.
	const host = (bracketed ?? plain)?.toLowerCase();
	if (host === undefined) {
		throw new UsageError(`${where}${JSON.stringify(text)} is not a server's address. ${FORMS}.`);
	}
	return {
		host,
		port:
			port === undefined
				? defaultPort
				: parsePort(port, `${where}The port in ${JSON.stringify(text)}`),
		fingerprints: given === undefined ? [] : parseFingerprints(given, text, where),
	};
}

/** The colons within a fingerprint are optional. */
function parseFingerprints(given: string, text: string, where: string): Fingerprint[] {
	const fingerprints = given.split("#").map((each) => each.replaceAll(":", "").toLowerCase());
	const which = fingerprints.length > 1 ? "Each fingerprint" : "The fingerprint";
	if (fingerprints.some((each) => !isFingerprint(each))) {
		throw new UsageError(
			`${where}${which} in ${JSON.stringify(text)} must be 64 hexadecimal digits, as the server prints it.`,
		);
	}
	if (fingerprints.length > MAX_SERVERS) {
		throw new UsageError(
			`${where}${fingerprints.length} fingerprints were given for one address. At most ${MAX_SERVERS} can be.`,
		);
	}
	return [...new Set(fingerprints)];
}
