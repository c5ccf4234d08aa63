import type { Channel } from "../../wire/crypto/channel.ts";
import { RoomKey } from "../../wire/crypto/room-key.ts";
import { nextStep, ProtocolError, reason } from "../../wire/errors/reason.ts";
import type { SequencedEvent, UnknownEvent } from "../../wire/messages/events.ts";
import {
	type ClientMessage,
	readServerMessage,
	type ServerMessage,
} from "../../wire/messages/messages.ts";
import { type Envelope, UnknownType } from "../../wire/messages/schema.ts";
import { readClearError } from "../../wire/transport/hello.ts";
import { readServerLine } from "../../wire/transport/server-line.ts";
import { ExpectedAnswers } from "./expected-answers.ts";

/** What happened before we joined: nothing that we have to keep up with, ring for or answer. */
interface HistoryItem {
	readonly type: "history";
	readonly event: SequencedEvent;
}

/** What a connection passes on; `rekey` and `replay` are dealt with here. */
export type Incoming =
	| Exclude<ServerMessage, { type: "rekey" | "replay" }>
	| SequencedEvent
	| HistoryItem;

/** How much a member has received: the last event's number, and how many private messages. */
export interface Progress {
	readonly seq: number;
	readonly private: number;
	/** The number of the last event that is history to it. */
	readonly historyUntil: number;
}

/** Whether a code says that the member has lost its place, so that it cannot resume. */
export const isPlaceLost = (code: string): boolean =>
	["log_in", "stay_away"].includes(nextStep(code) ?? "");

/** Opens one connection's lines from the server, and checks their order. */
export class IncomingReader {
	readonly #channel: Channel<ClientMessage>;
	readonly #emit: (message: Incoming) => void;
	readonly #expected = new ExpectedAnswers();
	#roomKey: RoomKey | undefined;
	/** Settable: a new connection goes on where the one before broke. */
	progress: Progress = { seq: 0, private: 0, historyUntil: 0 };

	/** `emit` gets each message, in the server's order. */
	constructor(channel: Channel<ClientMessage>, emit: (message: Incoming) => void) {
		this.#channel = channel;
		this.#emit = emit;
	}

	/** The server has let us in. */
	get isIn(): boolean {
		return this.#roomKey !== undefined;
	}

	/** Call with each message that we send: we take no answer that we did not ask for. */
	expectAnswer(question: ClientMessage): void {
		this.#expected.ask(question);
	}

	/** Throws ProtocolError. */
	read(line: string): void {
		const refusal = readClearError(line);
		// Anyone who stands in between can send an error in clear. We believe one only while we have
		// no room key, and never that our place is lost: the server says that encrypted.
		if (refusal && !this.#roomKey) {
			const { code, text } = isPlaceLost(refusal.code)
				? reason("unverified", refusal.text)
				: refusal;
			return this.#emit({ type: "denied", code, text });
		}
		const sealed = readServerLine(line);
		if (!sealed)
			throw new ProtocolError(reason("not_fernet_chat", "This is not a fernet-chat server."));
		if (sealed.epoch === 0) {
			for (const envelope of this.#channel.open(sealed.token)) this.#readEnvelope(envelope);
		} else this.#readBatch(sealed.epoch, sealed.token);
	}

	#readBatch(epoch: number, token: string): void {
		if (epoch !== this.#roomKey?.epoch) {
			throw new ProtocolError(
				reason("bad_epoch", "A message was encrypted with a key that is not in use."),
			);
		}
		const { events, next } = this.#roomKey.open(token);
		for (const event of events) this.#event(event);
		if (next) this.#rekey(next.epoch, next.key);
	}

	#readEnvelope(envelope: Envelope): void {
		try {
			this.#message(readServerMessage(envelope));
		} catch (error) {
			// A newer server may say more than we know.
			if (!(error instanceof UnknownType)) throw error;
		}
	}

	#message(message: ServerMessage): void {
		if (!this.#expected.accept(message.type)) return;
		const { seq, private: heard } = this.progress;
		switch (message.type) {
			case "rekey":
				return this.#rekey(message.epoch, message.key);
			case "replay":
				for (const event of message.events) {
					if (event.type === "told") this.#message(event);
					else this.#event(event);
				}
				return;
			case "welcome":
				this.#rekey(message.epoch, message.key);
				this.progress = {
					...{ seq: message.seq, private: 0 },
					historyUntil: message.history?.until ?? message.seq,
				};
				break;
			case "resumed": {
				const { lost } = message;
				this.#rekey(message.epoch, message.key);
				this.progress = {
					...this.progress,
					...{ seq: seq + lost.events, private: heard + lost.private },
				};
				break;
			}
			case "told":
				this.progress = { ...this.progress, private: heard + 1 };
				break;
		}
		this.#emit(message);
	}

	#event(event: SequencedEvent | UnknownEvent): void {
		const seq = this.progress.seq + 1;
		if (event.seq !== seq) throw new ProtocolError(reason("bad_order"));
		this.progress = { ...this.progress, seq };
		if (event.type === "unknown") return;
		this.#emit(seq > this.progress.historyUntil ? event : { type: "history", event });
	}

	#rekey(epoch: number, key: string): void {
		if (epoch <= (this.#roomKey?.epoch ?? 0)) {
			throw new ProtocolError(reason("bad_epoch", "The server went back to an older key."));
		}
		this.#roomKey = new RoomKey(epoch, key);
	}
}
