import { clientOptions } from "../../../lib/options/client.ts";
import { serverOptions } from "../../../lib/options/server.ts";

export type Environment = Record<string, string>;

const TERMINAL = { canAsk: true, canDraw: true };

/** Null if the server has to print something instead of running. */
export function server(args: string[], env: Environment = {}) {
	const options = serverOptions(args, env);
	return typeof options === "string" ? null : options;
}

/** The same for the client, on a terminal. */
export function client(args: string[], env: Environment = {}) {
	const options = clientOptions(args, env, TERMINAL);
	return typeof options === "string" ? null : options;
}

/** The text that a program prints instead of running. */
export const printed = {
	"server.ts": (...args: string[]) => String(serverOptions(args, {})),
	"client.ts": (...args: string[]) => String(clientOptions(args, {}, TERMINAL)),
};

/** All that a login needs, so that the client asks nobody. */
export const LOGIN = {
	FERNET_CHAT_NAME: "ann",
	FERNET_CHAT_EMAIL: "ann@gmail.com",
	FERNET_CHAT_PASSWORD: "abcdefghijklmnop",
};
