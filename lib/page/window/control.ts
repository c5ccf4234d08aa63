import { pause } from "#timers";
import { Unreachable } from "../../client/net/link-errors.ts";
import { onAbort } from "../../client/util/abort.ts";
import type { PageMessage } from "../../client/window/page-messages.ts";
import { CONTROL_PATH, TAKEN, type WindowMessage } from "../../client/window/window-messages.ts";
import { reason } from "../../wire/errors/reason.ts";
import { openSocket } from "../web-link.ts";

/** Milliseconds between two attempts to have a window that another page has. */
const TAKEN_INTERVAL = 500;
/** After so many attempts in vain, it is no page that is just being reloaded. */
const MANY = 3;

type Message<T extends WindowMessage["type"]> = Extract<WindowMessage, { type: T }>;
type Answer = Message<"tried_all" | "verified" | "device">;
type AnswerTo<Q> = Q extends "try"
	? Message<"tried_all">
	: Q extends "verify"
		? Message<"verified">
		: Message<"device">;
type Question = Extract<PageMessage, { type: "try" | "verify" | "load_device" }>;
type WithoutId<Q> = Q extends unknown ? Omit<Q, "id"> : never;

/** What the client says without being asked. */
export interface ControlHandlers {
	unknownServer(notice: string): void;
	/** The program is told to end. */
	leave(): void;
	/** The client has ended, or this machine has slept. */
	lost(): void;
}

/** A question that waits for its answer. */
interface Waiting {
	readonly attempt?: ((message: Message<"attempt">) => void) | undefined;
	readonly answer: PromiseWithResolvers<Answer>;
}

/** What this page and the client that it belongs to say to each other. */
export class Control {
	readonly setting: Message<"begin">;
	readonly #socket: WebSocket;
	/** By id. */
	readonly #waiting = new Map<number, Waiting>();
	#latest = 0;

	private constructor(socket: WebSocket, setting: Message<"begin">) {
		this.#socket = socket;
		this.setting = setting;
	}

	/**
	 * Resolves once this is the window's one page; calls `taken` when another has it for longer. Throws
	 * Unreachable if there is no client that knows the secret.
	 */
	static async open(secret: string, taken: () => void): Promise<Control> {
		for (let attempts = 1; ; attempts++) {
			const socket = await openSocket(socketUrl(CONTROL_PATH), secret);
			const setting = await firstMessage(socket);
			if (setting !== null) return new Control(socket, setting);
			if (attempts === MANY) taken();
			await pause(TAKEN_INTERVAL);
		}
	}

	/** Begins to pass on what the client says. */
	listen(handlers: ControlHandlers): void {
		this.#socket.addEventListener("message", ({ data }) =>
			this.#receive(JSON.parse(data), handlers),
		);
		this.#socket.addEventListener("close", () => {
			for (const { answer } of this.#waiting.values()) answer.reject(clientGone());
			this.#waiting.clear();
			handlers.lost();
		});
	}

	/** Bytes that wait for the client. */
	get unsent(): number {
		return this.#socket.bufferedAmount;
	}

	/** Drops the message if the client has ended. */
	send(message: PageMessage): void {
		if (this.#isOpen) this.#socket.send(JSON.stringify(message));
	}

	/** Whether there still is a client that knows the secret. */
	static isThere(secret: string): Promise<boolean> {
		return openSocket(socketUrl(CONTROL_PATH), secret).then(
			() => true,
			() => false,
		);
	}

	/**
	 * Resolves to the answer. `attempt` is called with each attempt at what was asked for. Throws
	 * Unreachable if the client has ended.
	 */
	async ask<Q extends WithoutId<Question>>(
		question: Q,
		attempt?: (message: Message<"attempt">) => void,
		signal?: AbortSignal,
	): Promise<AnswerTo<Q["type"]>> {
		if (!this.#isOpen) throw clientGone();
		const id = ++this.#latest;
		const answer = Promise.withResolvers<Answer>();
		this.#waiting.set(id, { attempt, answer });
		this.send({ ...question, id } as Question);
		if (signal) onAbort(signal, () => this.send({ type: "stop", id }));
		return (await answer.promise) as AnswerTo<Q["type"]>;
	}

	get #isOpen(): boolean {
		return this.#socket.readyState === WebSocket.OPEN;
	}

	#receive(message: WindowMessage, handlers: ControlHandlers): void {
		switch (message.type) {
			case "begin":
				return;
			case "unknown_server":
				return handlers.unknownServer(message.notice);
			case "leave":
				return handlers.leave();
			case "attempt":
				return this.#waiting.get(message.id)?.attempt?.(message);
			default:
				this.#waiting.get(message.id)?.answer.resolve(message);
				this.#waiting.delete(message.id);
		}
	}
}

const clientGone = (): Unreachable =>
	new Unreachable(reason("server_lost", "The client has ended."));

export const socketUrl = (path: string): string =>
	`${location.origin.replace(/^http/, "ws")}${path}`;

/** Null if another page has the window. Throws Unreachable. */
function firstMessage(socket: WebSocket): Promise<Message<"begin"> | null> {
	const { promise, resolve, reject } = Promise.withResolvers<Message<"begin"> | null>();
	socket.addEventListener("message", ({ data }) => resolve(JSON.parse(data)), { once: true });
	socket.addEventListener("close", ({ code }) =>
		code === TAKEN ? resolve(null) : reject(clientGone()),
	);
	return promise;
}
