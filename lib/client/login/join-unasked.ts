import type { ErrorCode } from "../../wire/errors/error-codes.ts";
import { mayPass } from "../../wire/errors/reason.ts";
import { appPasswordIn } from "../../wire/messages/app-password.ts";
import type { ServerTarget } from "../net/endpoint.ts";
import { type Admission, type Credentials, join, LoginDenied } from "../net/join.ts";
import { Untrusted } from "../net/known-servers.ts";
import { loginMethods } from "../net/queries.ts";
import { type Pauses, retry } from "../net/retry.ts";
import { passwordFault, passwordToSend } from "./login-fields.ts";

/** Milliseconds. Few and far between: a mail service bars an account that logs in again and again. */
const PAUSES: Pauses = { first: 500, factor: 4, max: 120_000 };

/**
 * Logs in without a prompt, as `join` does. What cannot be a password of the service that checks it
 * is denied here and not sent: to Gmail, for instance, somebody's normal password.
 */
export async function joinUnasked(
	target: ServerTarget,
	credentials: Credentials,
	signal?: AbortSignal,
): Promise<Admission> {
	if (!("password" in credentials)) return join(target, credentials, signal);
	const { password } = credentials;
	// Sixteen letters are right for every service, so that most bots need no second connection.
	if (appPasswordIn(password) === password) return join(target, credentials, signal);
	const { verifier } = await loginMethods(target);
	const fault = passwordFault(password, verifier);
	if (fault !== null) {
		const code: ErrorCode = "bad_field";
		throw new LoginDenied({ code, text: `FERNET_CHAT_PASSWORD: ${fault}` });
	}
	const toSend = passwordToSend(password, verifier);
	return join(target, { ...credentials, password: toSend }, signal);
}

/**
 * Logs in again in the same way, for as long as the server may only be too busy, or gone. Null on
 * abort. Throws as `retry` does.
 */
export const rejoinUnasked = (
	target: ServerTarget,
	credentials: Credentials,
	patience: number,
	signal: AbortSignal,
): Promise<Admission | null> =>
	retry((given) => joinUnasked(target, credentials, given), {
		...{ patience, signal, pauses: PAUSES },
		isFinal: (error) =>
			error instanceof Untrusted || (error instanceof LoginDenied && !mayPass(error.code)),
	});
