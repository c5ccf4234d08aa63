import type { ErrorCode } from "../../wire/errors/error-codes.ts";
import { appPasswordIn } from "../../wire/messages/app-password.ts";
import type { ServerTarget } from "../net/endpoint.ts";
import { type Credentials, join, LoginDenied } from "../net/join.ts";
import type { Membership } from "../net/membership.ts";
import { loginMethods } from "../net/queries.ts";
import { passwordFault, passwordToSend } from "./login-fields.ts";

/**
 * Logs in without a prompt, as `join` does. What cannot be a password of the service that checks it
 * is denied here and not sent: to Gmail, for instance, somebody's normal password.
 */
export async function joinUnasked(
	target: ServerTarget,
	credentials: Credentials,
): Promise<Membership> {
	if (!("password" in credentials)) return join(target, credentials);
	const { password } = credentials;
	// Sixteen letters are right for every service, so that most bots need no second connection.
	if (appPasswordIn(password) === password) return join(target, credentials);
	const { verifier } = await loginMethods(target);
	const fault = passwordFault(password, verifier);
	if (fault !== null) {
		const code: ErrorCode = "bad_field";
		throw new LoginDenied({ code, text: `FERNET_CHAT_PASSWORD: ${fault}` });
	}
	return join(target, { ...credentials, password: passwordToSend(password, verifier) });
}
