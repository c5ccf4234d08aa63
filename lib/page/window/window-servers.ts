import type { Link, LinkHandlers, ServerTarget, SessionStart } from "../../client/net/link.ts";
import type { Servers } from "../../client/net/room-target.ts";
import { errorOf, type Fault, faultOf } from "../../client/window/fault.ts";
import { CONNECTED, PARTING, ROOM_PATH } from "../../client/window/window-messages.ts";
import { ChatError } from "../../util/errors.ts";
import { hello } from "../../wire/transport/hello.ts";
import { openSocket, WebLink } from "../web-link.ts";
import { type Control, socketUrl } from "./control.ts";

/** A link by way of the client, which says goodbye for a page that has gone. */
class RelayedLink extends WebLink {
	part(line: string): void {
		this.send(`${PARTING}${line}`);
	}
}

/** The room's servers, of which the client says which is to be tried next, and connects to it. */
export class WindowServers implements Servers {
	label: string | undefined;
	readonly #control: Control;
	readonly #secret: string;

	constructor(control: Control, secret: string) {
		this.#control = control;
		this.#secret = secret;
	}

	leaveCurrent(): void {
		this.#control.send({ type: "leave_current" });
	}

	async tryInTurn<T>(
		attempt: (server: ServerTarget) => Promise<T>,
		signal?: AbortSignal,
	): Promise<T> {
		let result: { readonly value: T } | undefined;
		const errors: ChatError[] = [];
		const bug = Promise.withResolvers<never>();
		const tryOne = async (number: number, limit: number | null): Promise<void> => {
			let fault: Fault | undefined;
			try {
				result = { value: await attempt(this.#target(number, limit)) };
			} catch (error) {
				if (!(error instanceof ChatError)) return bug.reject(error);
				errors.push(error);
				fault = faultOf(error);
			}
			this.#control.send({ type: "tried", number, fault });
		};
		const asked = this.#control.ask(
			{ type: "try" },
			({ number, limit }) => void tryOne(number, limit),
			signal,
		);
		const { label, fault } = await Promise.race([asked, bug.promise]);
		this.label = label;
		if (result && !fault) return result.value;
		const thrown = errors.findLast(({ code, message }) => same({ code, text: message }, fault));
		throw thrown ?? errorOf(fault ?? NOTHING_TRIED);
	}

	#target(number: number, limit: number | null): ServerTarget {
		return {
			limit: limit ?? Number.POSITIVE_INFINITY,
			open: (start, handlers) => this.#open(number, start, handlers),
		};
	}

	async #open(number: number, { id, key }: SessionStart, handlers: LinkHandlers): Promise<Link> {
		const socket = await openSocket(`${socketUrl(ROOM_PATH)}?${number}`, this.#secret);
		socket.send(hello(id, key));
		const answer = await nextMessage(socket);
		if (answer !== CONNECTED) throw errorOf(JSON.parse(answer));
		return new RelayedLink(socket, handlers);
	}
}

const NOTHING_TRIED: Fault = { code: "server_lost", text: "The client tried no server." };

const same = (one: Fault, other: Fault | undefined): boolean =>
	one.code === other?.code && one.text === other.text;

/** The next message, or a fault as such if there is none. */
function nextMessage(socket: WebSocket): Promise<string> {
	const { promise, resolve } = Promise.withResolvers<string>();
	socket.addEventListener("message", ({ data }) => resolve(String(data)), { once: true });
	socket.addEventListener("close", () => resolve(JSON.stringify(NOTHING_TRIED)));
	return promise;
}
