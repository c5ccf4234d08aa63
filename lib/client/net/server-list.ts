import type { Endpoint } from "../../util/endpoint.ts";
import { ChatError } from "../../util/errors.ts";
import { formatHostPort, isLoopback } from "../../util/host-port.ts";
import { hasCode } from "../../wire/errors/reason.ts";
import { within } from "../util/within.ts";
import { describeFailure, timeoutFor } from "./dial.ts";
import { type Address, usesTls } from "./endpoint.ts";
import { isPlaceLost } from "./incoming.ts";
import { UnknownServer } from "./known-servers.ts";
import type { ServerTarget } from "./link.ts";
import { Unreachable, Untrusted } from "./link-errors.ts";
import type { Servers } from "./room-target.ts";
import { SocketLink } from "./socket-link.ts";

/**
 * Milliseconds that a server may keep us waiting while there are others to try. They double after each
 * turn in vain, up to the most: when many come back at once, all servers are slow.
 */
const FIRST_LIMIT = 4000;
const MAX_LIMIT = 16_000;
/** IP addresses of one name that we try. */
const MAX_ADDRESSES = 16;

/** A server at one of its addresses. */
export type AddressTarget = Address & ServerTarget;

/** What is needed to connect to any of the servers. */
type Means = Pick<Address, "keys" | "knownServers">;

/**
 * Whether no other server is to be tried after this error: the room has judged us, or somebody may be
 * impersonating a server, which the user must learn. A server that nobody has vouched for yet is none
 * to talk to, and no alarm.
 */
const isFinal = (error: ChatError): boolean =>
	isPlaceLost(error.code) || (error instanceof Untrusted && !(error instanceof UnknownServer));

/**
 * The servers of one room. They are tried one at a time: what is presented to one, a resume token or
 * a device's secret, must not be presented to two at once.
 */
export class ServerList implements Servers {
	/** As the user gave them. */
	readonly endpoints: readonly Endpoint[];
	readonly #means: Means;
	/** Where we have been last. */
	#latest: Pick<Address, "endpoint" | "ip"> | undefined;
	/** That one comes last in the next turn. */
	#isLatestLeaving = false;
	#limit = FIRST_LIMIT;

	/** `endpoints` must not be empty. */
	constructor(endpoints: readonly Endpoint[], means: Means) {
		this.endpoints = endpoints;
		this.#means = means;
	}

	/** The server that we have been with last, or else are to try first. */
	get current(): Endpoint {
		return this.#latest?.endpoint ?? (this.endpoints[0] as Endpoint);
	}

	/** Each of the others, as a list of its own. */
	get others(): ServerList[] {
		const others = this.endpoints.filter((each) => each !== this.current);
		return others.map((each) => new ServerList([each], this.#means));
	}

	get label(): string | undefined {
		return this.endpoints.length > 1 ? formatHostPort(this.current) : undefined;
	}

	leaveCurrent(): void {
		this.#isLatestLeaving = true;
	}

	/**
	 * Runs `attempt` with one address after the other, beginning with the latest that was good, until
	 * it succeeds or `signal` aborts. Throws what `attempt` threw where no other server can help, and
	 * else, if none was reached, Unreachable, or the error that all attempts had.
	 */
	async tryInTurn<T>(
		attempt: (server: AddressTarget) => Promise<T>,
		signal?: AbortSignal,
	): Promise<T> {
		const faults = new Map<Endpoint, ChatError[]>();
		const endpoints = this.#inTurn(this.endpoints, this.#latest?.endpoint);
		for (const endpoint of endpoints) {
			const errors: ChatError[] = [];
			faults.set(endpoint, errors);
			const failed = (error: unknown): void => {
				if (!(error instanceof ChatError) || isFinal(error) || signal?.aborted) throw error;
				errors.push(error);
			};
			const isLast = endpoint === endpoints.at(-1);
			const limit = isLast ? Number.POSITIVE_INFINITY : this.#limit;
			const found = await addressesOf(endpoint, limit).catch(failed);
			const ips = this.#inTurn(found ?? [], this.#latest?.ip);
			for (const ip of ips) {
				const target = this.#target(endpoint, ip, ip === ips.at(-1) ? limit : this.#limit);
				try {
					const result = await attempt(target);
					this.#latest = { endpoint, ip };
					this.#isLatestLeaving = false;
					this.#limit = FIRST_LIMIT;
					return result;
				} catch (error) {
					failed(error);
				}
			}
		}
		this.#limit = Math.min(this.#limit * 2, MAX_LIMIT);
		throw summary(faults);
	}

	#target(endpoint: Endpoint, ip: string, limit: number): AddressTarget {
		const { keys, knownServers } = this.#means;
		const usedKeys = usesTls(endpoint) ? undefined : keys;
		const address = { endpoint, ip, keys: usedKeys, knownServers, limit };
		return { ...address, open: (...args) => SocketLink.open(address, ...args) };
	}

	/** The items from the latest on, or from the one after it, and then those before. */
	#inTurn<T>(items: readonly T[], latest: T | undefined): readonly T[] {
		const at = latest === undefined ? -1 : items.indexOf(latest);
		if (at < 0) return items;
		const start = this.#isLatestLeaving ? at + 1 : at;
		return [...items.slice(start), ...items.slice(0, start)];
	}
}

/**
 * The IP addresses of a server's name, in the order that the system prefers. The runtime would connect
 * to several at once and keep the quickest, even if its server is frozen. Throws Unreachable.
 */
async function addressesOf(endpoint: Endpoint, limit: number): Promise<string[]> {
	// Without TLS, no name server may lead us to another machine.
	if (endpoint.host === "localhost") return ["127.0.0.1", "::1"];
	if (isLoopback(endpoint.host)) return [endpoint.host];
	// Loaded here, so that a client of this machine's server starts sooner.
	const { isIP } = await import("node:net");
	if (isIP(endpoint.host) !== 0) return [endpoint.host];
	const { lookup } = await import("node:dns/promises");
	try {
		const found = await within(timeoutFor({ limit }), lookup(endpoint.host, { all: true }));
		return [...new Set(found.map(({ address }) => address))].slice(0, MAX_ADDRESSES);
	} catch (cause) {
		throw new Unreachable(describeFailure(endpoint, cause), { cause });
	}
}

/**
 * What to say when no server could be reached: if each has another error, a line for each server, with
 * the error of that address of it that says most.
 */
function summary(faults: ReadonlyMap<Endpoint, readonly ChatError[]>): ChatError {
	const told = [...faults].map(([endpoint, errors]) => ({
		endpoint,
		error: (errors.find((each) => !hasCode(each, "server_unreachable")) ?? errors[0]) as ChatError,
	}));
	const { error: first } = told[0] as (typeof told)[number];
	if (told.every(({ error }) => error.message === first.message)) return first;
	const lines = told.map(({ endpoint, error: { message } }) =>
		message.includes(endpoint.host) ? message : `${formatHostPort(endpoint)}: ${message}`,
	);
	return new Unreachable({ code: first.code, text: lines.join("\n") }, { cause: first });
}
