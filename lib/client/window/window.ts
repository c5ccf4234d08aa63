import { reason } from "../../wire/errors/reason.ts";
import { type ExitStatus, exitStatusOf, NOT_LOGGED_IN } from "../chat/exit-status.ts";
import { onAbort } from "../util/abort.ts";
import { sanitize } from "../util/sanitize.ts";
import type { DoorHandlers } from "./loopback-door.ts";
import { PageControl, type PageServices } from "./page-control.ts";
import type { PageSocket, PageSocketHandlers } from "./page-socket.ts";
import { RoomRelay } from "./room-relay.ts";
import { TAKEN } from "./window-messages.ts";

/** Milliseconds for a page that has gone to be back, as after a reload, and again once it is loading. */
const RELOAD_TIME = 4000;
/** Milliseconds for a user to reload a page that has crashed. */
const CRASH_TIME = 60_000;
/** Milliseconds for a page to leave the room when the program is told to end. */
const LEAVE_TIME = 3000;

const AWAY = "The room may show you as away for a while.";

const NOBODY: PageSocketHandlers = { message() {}, drained() {}, closed() {} };

/** One window: its page, which may be reloaded, and its connections to the room. */
export class Window implements DoorHandlers {
	readonly #services: PageServices;
	#page: PageControl | undefined;
	readonly #relays = new Set<RoomRelay>();
	/** Those of a page that has gone. */
	#leftBehind: RoomRelay[] = [];
	#timer: Timer | undefined;
	#isLengthened = false;
	#hasJoined = false;
	#isOver = false;
	readonly #over = Promise.withResolvers<ExitStatus>();

	/** `joined` is told each name under which the user is in the room. */
	constructor(services: Omit<PageServices, "visit" | "over" | "gone">) {
		this.#services = {
			...services,
			joined: (name) => {
				this.#hasJoined = true;
				services.joined(name);
			},
			over: (status) => this.#over.resolve({ ...status, text: sanitize(status.text) }),
			visit: { latest: undefined },
			gone: (isExpected) => this.#lose(isExpected),
		};
		onAbort(services.signal, () => this.#leave());
	}

	/** Resolves when the visit is over, or the window was closed. */
	async closed(): Promise<ExitStatus> {
		const status = await this.#over.promise;
		this.#isOver = true;
		clearTimeout(this.#timer);
		for (const relay of this.#relays) relay.terminate();
		return status;
	}

	/** A page that is on its way back may take longer, once. */
	loading(): void {
		if (this.#timer === undefined || this.#isLengthened) return;
		this.#isLengthened = true;
		this.#timer.refresh();
	}

	control(socket: PageSocket): PageSocketHandlers {
		if (this.#page) {
			socket.close(TAKEN);
			return NOBODY;
		}
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#page = new PageControl(socket, this.#services);
		return this.#page;
	}

	room(socket: PageSocket, attempt: number): PageSocketHandlers {
		const page = this.#page;
		if (!page) {
			socket.close();
			return NOBODY;
		}
		// This page goes on with the visit, or begins another.
		for (const left of this.#leftBehind) left.terminate();
		this.#leftBehind = [];
		const relay: RoomRelay = new RoomRelay(
			socket,
			(start, handlers) => page.turns.open(attempt, start, handlers),
			() => this.#relays.delete(relay),
		);
		this.#relays.add(relay);
		return relay;
	}

	#lose(isExpected: boolean): void {
		if (this.#isOver) return;
		const hasGoodbye = Array.from(this.#relays).some((relay) => relay.hasGoodbye);
		const patience = isExpected || hasGoodbye ? RELOAD_TIME : CRASH_TIME;
		this.#page = undefined;
		this.#leftBehind = [...this.#relays];
		// Anybody on this machine can load the page: that lengthens the short time alone.
		this.#isLengthened = patience > RELOAD_TIME;
		if (this.#services.signal.aborted) return void this.#part();
		this.#timer = setTimeout(() => void this.#part(), patience);
	}

	/** Leaves the room as the page wanted to when it went. */
	async #part(): Promise<void> {
		const heard = await Promise.all(Array.from(this.#relays, (relay) => relay.part()));
		const status = this.#hasJoined ? exitStatusOf(reason("left")) : NOT_LOGGED_IN;
		const isAway = this.#hasJoined && !heard.includes(true);
		const how = isAway ? `The window is gone. ${AWAY}` : `The window was closed. ${status.text}`;
		const isPlain = this.#services.signal.aborted && !isAway;
		this.#over.resolve({ ...status, text: isPlain ? status.text : how });
	}

	/** The program is told to end: the page says goodbye. */
	#leave(): void {
		if (!this.#page) return void this.#part();
		this.#page.send({ type: "leave" });
		this.#timer = setTimeout(() => {
			if (!this.#hasJoined) return this.#over.resolve(NOT_LOGGED_IN);
			const status = exitStatusOf(reason("left"));
			this.#over.resolve({ ...status, text: `The window did not answer. ${AWAY}` });
		}, LEAVE_TIME);
	}
}
