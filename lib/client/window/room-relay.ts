import { ProtocolError, reason } from "../../wire/errors/reason.ts";
import { readHello } from "../../wire/transport/hello.ts";
import type { Link, LinkHandlers, SessionStart } from "../net/link.ts";
import { within } from "../util/within.ts";
import { faultOf } from "./fault.ts";
import type { PageSocket, PageSocketHandlers } from "./page-socket.ts";
import { CONNECTED, PARTING, TOO_LONG } from "./window-messages.ts";

/** Bytes that may wait for a server which does not read: no browser can be told to wait. */
const MAX_UNSENT = 16 * 1024 * 1024;
/** Milliseconds for a server to answer a goodbye. */
const GOODBYE_TIMEOUT = 2000;

/** Connects to the room and says hello. Throws ChatError. */
type OpenLink = (start: SessionStart, handlers: LinkHandlers) => Promise<Link>;

/**
 * Passes lines between a WebSocket of the page and a connection to the room. It reads the hello
 * alone, whose key goes where that of any client goes; everything else is sealed.
 */
export class RoomRelay implements PageSocketHandlers {
	readonly #socket: PageSocket;
	readonly #open: OpenLink;
	readonly #ended: () => void;
	#isOpening = false;
	#link: Link | undefined;
	#isPageGone = false;
	/** The goodbye that a page left behind. */
	#parting: string | undefined;
	readonly #unlinked = Promise.withResolvers<void>();

	/** `ended` is called when there is no connection to the room, or no more. */
	constructor(socket: PageSocket, open: OpenLink, ended: () => void) {
		this.#socket = socket;
		this.#open = open;
		this.#ended = ended;
	}

	message(text: string): void {
		if (this.#link) this.#pass(text, this.#link);
		else if (this.#isOpening) this.#socket.close();
		else void this.#connect(text);
	}

	drained(): void {
		this.#link?.resume();
	}

	/** A page that left a goodbye behind may come back: until then its connection stays. */
	closed(): void {
		this.#isPageGone = true;
		this.#link?.resume();
		if (!this.#isOpening) this.#ended();
		if (this.#parting === undefined) this.terminate();
	}

	/**
	 * Leaves the room for a page that has not come back, if it wanted that. Resolves to whether the room
	 * has heard it.
	 */
	async part(): Promise<boolean> {
		let isHeard = false;
		if (this.#link && this.#parting !== undefined) {
			this.#link.send(this.#parting);
			const hungUp = within(GOODBYE_TIMEOUT, this.#unlinked.promise);
			isHeard = await hungUp.then(() => true).catch(() => false);
		}
		this.terminate();
		return isHeard;
	}

	/** Whether the page has left a goodbye behind. */
	get hasGoodbye(): boolean {
		return this.#parting !== undefined;
	}

	terminate(): void {
		this.#link?.terminate();
	}

	async #connect(first: string): Promise<void> {
		this.#isOpening = true;
		try {
			const { id, key } = readHello(first);
			if (key === undefined)
				throw new ProtocolError(reason("not_fernet_chat", "The page gave no key."));
			const link = await this.#open({ id, key }, this.#handlers);
			this.#link = link;
			if (this.#isPageGone) link.terminate();
			this.#socket.send(CONNECTED);
		} catch (error) {
			this.#socket.send(JSON.stringify(faultOf(error)));
			this.#socket.close();
			this.#ended();
		}
	}

	#pass(text: string, link: Link): void {
		if (text.startsWith(PARTING)) this.#parting = text.slice(PARTING.length);
		else link.send(text);
		// The page comes back, and sends again what the room has not echoed.
		if (link.unsent > MAX_UNSENT) this.#socket.close();
	}

	readonly #handlers: LinkHandlers = {
		line: (line) => {
			// Nobody is there to wait for.
			if (!this.#isPageGone && !this.#socket.send(line)) this.#link?.pause();
		},
		closed: () => {
			this.#unlinked.resolve();
			this.#socket.close();
			this.#ended();
		},
		// The only one that a line can have.
		fault: () => this.#socket.close(TOO_LONG),
		heard() {},
		woke() {},
	};
}
