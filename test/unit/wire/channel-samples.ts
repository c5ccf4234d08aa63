import { Channel } from "../../../lib/wire/channel.ts";
import { Fernet, generateKey } from "../../../lib/wire/fernet.ts";
import {
	type ClientMessage,
	readClientMessage,
	type ServerMessage,
} from "../../../lib/wire/messages.ts";
import { ProtocolError } from "../../../lib/wire/reason.ts";

export const KEY = generateKey();
export const fernet = new Fernet(KEY);
export const CLOSING = { type: "closing", code: "left", text: "You left the room." } as const;

export const server = (key = KEY) =>
	new Channel<ClientMessage, ServerMessage>(key, readClientMessage);

/** A token with any contents, as a malicious peer could make it. */
export const token = (value: unknown): string => fernet.encrypt(JSON.stringify(value));

export function breach(action: () => unknown): ProtocolError {
	try {
		action();
	} catch (error) {
		if (error instanceof ProtocolError) return error;
		throw error;
	}
	throw new Error("it passed");
}
