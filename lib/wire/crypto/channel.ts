import { Fernet } from "#fernet";
import { utf8Length } from "../../util/utf8.ts";
import { ProtocolError, reason } from "../errors/reason.ts";
import { type Envelope, isEnvelope, isObject } from "../messages/schema.ts";
import { openToken, parseJson } from "./sealed-json.ts";

/** Messages in one token, at most. */
const MAX_MESSAGES = 64;
/** Bytes of JSON to which a token is filled; a longer message stands alone in one. */
const MAX_JSON_BYTES = 48 * 1024;
/** Characters that may wait: small requests can have long answers. */
const MAX_WAITING_CHARS = 256 * 1024;

/**
 * Seals and opens one connection's messages under its session key. What one side says in a turn
 * goes as one token. Each side counts its tokens, from 0 and without gaps. Fernet alone stops no
 * replay, no reordering and no reflection: the count stops the first two, and reflection fails
 * because neither direction accepts what only the other may say.
 */
export class Channel<Out extends { type: string }> {
	readonly #fernet: Fernet;
	/** JSON of the messages to be sealed; absent while there is none, as with most of many members. */
	#waiting: string[] | undefined;
	#waitingChars = 0;
	#sent = 0;
	#received = 0;

	constructor(key: string) {
		this.#fernet = new Fernet(key);
	}

	get isWaiting(): boolean {
		return this.#waiting !== undefined;
	}

	/** So much waits that it should be sealed before more is added. */
	get isFull(): boolean {
		return this.#waitingChars >= MAX_WAITING_CHARS;
	}

	/** Adds a message to what `seal` seals. */
	add(message: Out): void {
		this.addJson(JSON.stringify(message));
	}

	/** Adds a message that is JSON already. */
	addJson(message: string): void {
		this.#waiting ??= [];
		this.#waiting.push(message);
		this.#waitingChars += message.length;
	}

	/** Seals everything added, usually as one token. */
	seal(): string[] {
		const tokens = inGroups(this.#waiting ?? []).map((messages) =>
			this.#fernet.encrypt(`{"n":${this.#sent++},"messages":[${messages.join()}]}`),
		);
		this.#waiting = undefined;
		this.#waitingChars = 0;
		return tokens;
	}

	/** Opens a token. Returns its messages, which the caller must check. Throws ProtocolError. */
	open(token: string): readonly Envelope[] {
		const value = parseJson(openToken(this.#fernet, token));
		if (!isObject(value) || !areMessages(value.messages)) {
			throw new ProtocolError(
				reason(
					"bad_message",
					`A token must hold a count n and 1 to ${MAX_MESSAGES} messages, each with a type.`,
				),
			);
		}
		if (value.n !== this.#received) throw new ProtocolError(reason("bad_count"));
		this.#received++;
		return value.messages;
	}
}

const areMessages = (value: unknown): value is Envelope[] =>
	Array.isArray(value) &&
	value.length >= 1 &&
	value.length <= MAX_MESSAGES &&
	value.every(isEnvelope);

/** Splits messages into groups that fit one token each. */
function inGroups(messages: string[]): string[][] {
	// Mostly there is one, and to measure a long one takes time.
	if (messages.length === 1) return [messages];
	const groups: string[][] = [];
	let size = 0;
	for (const json of messages) {
		const bytes = utf8Length(json);
		const last = groups.at(-1);
		if (last && last.length < MAX_MESSAGES && size + bytes <= MAX_JSON_BYTES) {
			last.push(json);
			size += bytes;
		} else {
			groups.push([json]);
			size = bytes;
		}
	}
	return groups;
}
