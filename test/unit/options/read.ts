import { clientOptions } from "../../../lib/options/client.ts";
import { serverOptions } from "../../../lib/options/server.ts";

export type Environment = Record<string, string>;

export const server = (args: string[], env: Environment = {}) => serverOptions(args, env);

/** As on a terminal. */
export const client = (args: string[], env: Environment = {}) =>
	clientOptions(args, env, { canAsk: true, canDraw: true });

/** All that a login needs: nobody is asked. */
export const LOGIN = {
	FERNET_CHAT_NAME: "ann",
	FERNET_CHAT_EMAIL: "ann@gmail.com",
	FERNET_CHAT_PASSWORD: "abcdefghijklmnop",
};
