import { reason } from "../../wire/errors/reason.ts";
import type { Link, LinkHandlers, SessionStart } from "../net/link.ts";
import { Unreachable } from "../net/link-errors.ts";
import type { AddressTarget, ServerList } from "../net/server-list.ts";
import { errorOf, type Fault, faultOf } from "./fault.ts";
import type { WindowMessage } from "./window-messages.ts";

/** What the page tries with one server. */
interface Attempt {
	readonly server: AddressTarget;
	/** Without a fault when it has succeeded. */
	readonly outcome: PromiseWithResolvers<Fault | undefined>;
	/** What kept us from connecting: the page has only its sentence. */
	error?: unknown;
}

const PAGE_GONE: Fault = reason("server_lost", "The page has gone.");

/** Takes the page through the room's servers: which is next, and whether any is, ServerList says. */
export class ServerTurns {
	readonly #servers: ServerList;
	readonly #send: (message: WindowMessage) => void;
	/** By number. */
	readonly #attempts = new Map<number, Attempt>();
	/** By the page's id. */
	readonly #turns = new Map<number, AbortController>();
	#latest = 0;

	constructor(servers: ServerList, send: (message: WindowMessage) => void) {
		this.#servers = servers;
		this.#send = send;
	}

	/** Has the page try each server, until an attempt succeeds. */
	async begin(id: number): Promise<void> {
		const stop = new AbortController();
		this.#turns.set(id, stop);
		const fault = await this.#servers
			.tryInTurn((server) => this.#attempt(id, server), stop.signal)
			.then(() => undefined, faultOf);
		this.#turns.delete(id);
		this.#send({ type: "tried_all", id, label: this.#servers.label, fault });
	}

	stop(id: number): void {
		this.#turns.get(id)?.abort();
	}

	tried(number: number, fault: Fault | undefined): void {
		this.#attempts.get(number)?.outcome.resolve(fault);
	}

	/** The page has gone, and what it tried with it. */
	end(): void {
		for (const stop of this.#turns.values()) stop.abort();
		for (const { outcome } of this.#attempts.values()) outcome.resolve(PAGE_GONE);
	}

	/** Connects to the server of an attempt. Throws ChatError. */
	async open(number: number, start: SessionStart, handlers: LinkHandlers): Promise<Link> {
		const attempt = this.#attempts.get(number);
		if (!attempt) throw new Unreachable(reason("server_lost", "This attempt is over."));
		try {
			return await attempt.server.open(start, handlers);
		} catch (error) {
			attempt.error = error;
			throw error;
		}
	}

	async #attempt(id: number, server: AddressTarget): Promise<void> {
		const number = ++this.#latest;
		const attempt: Attempt = { server, outcome: Promise.withResolvers() };
		this.#attempts.set(number, attempt);
		const limit = Number.isFinite(server.limit) ? server.limit : null;
		this.#send({ type: "attempt", id, number, limit });
		const fault = await attempt.outcome.promise;
		this.#attempts.delete(number);
		if (fault) throw attempt.error ?? errorOf(fault);
	}
}
