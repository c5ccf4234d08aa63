import { Channel } from "../../../../lib/wire/crypto/channel.ts";
import { Fernet, generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { ProtocolError } from "../../../../lib/wire/errors/reason.ts";
import type { ClientMessage, ServerMessage } from "../../../../lib/wire/messages/messages.ts";

export const KEY = generateKey();
export const fernet = new Fernet(KEY);
export const WHO = { type: "who" } as const;
export const CLOSING = { type: "closing", code: "left", text: "You left the room." } as const;

export const client = (key = KEY) => new Channel<ClientMessage>(key);
export const server = (key = KEY) => new Channel<ServerMessage>(key);

/** Seals messages that one side says in a turn. */
export function seal<M extends { type: string }>(channel: Channel<M>, messages: M[]): string[] {
	for (const message of messages) channel.add(message);
	return channel.seal();
}

/** The same, where they are to fit one token. */
export function sealOne<M extends { type: string }>(channel: Channel<M>, ...messages: M[]): string {
	const [only, ...more] = seal(channel, messages);
	if (only === undefined || more.length > 0) throw new Error(`${1 + more.length} tokens`);
	return only;
}

/** A token with any contents, as a malicious peer could make it. */
export const token = (value: unknown): string => fernet.encrypt(JSON.stringify(value));

/** The JSON in a token under `KEY`. */
export const inside = (sealed: string): { n: number; messages: { type: string }[] } =>
	JSON.parse(Buffer.from(fernet.decrypt(sealed)).toString());

export function breach(action: () => unknown): ProtocolError {
	try {
		action();
	} catch (error) {
		if (error instanceof ProtocolError) return error;
		throw error;
	}
	throw new Error("it passed");
}
