import type { ErrorCode } from "../../wire/errors/error-codes.ts";
import { type PeerReason, reason } from "../../wire/errors/reason.ts";
import { appPasswordIn } from "../../wire/messages/app-password.ts";
import type { ServerTarget } from "../net/endpoint.ts";
import { type Credentials, join, LoginDenied } from "../net/join.ts";
import type { Membership } from "../net/membership.ts";
import { loginMethods } from "../net/queries.ts";
import { DeviceRefused, joinAsDevice } from "./join-as-device.ts";
import { passwordFault, passwordToSend } from "./login-fields.ts";

/** What is given to a client that asks nobody: a name, an email and, unless it is remembered, a proof. */
export type GivenCredentials = Credentials | { readonly name: string; readonly email: string };

/**
 * Logs in without a prompt: as this device, if the target has remembered devices and this is one, and
 * else with the proof, after which it is one. `refused` learns why the first did not do. Throws as
 * `join` does.
 */
export async function joinUnasked(
	target: ServerTarget,
	credentials: GivenCredentials,
	refused: (reason: PeerReason) => void = () => {},
): Promise<Membership> {
	try {
		const membership = await joinAsDevice(target, credentials);
		if (membership) return membership;
	} catch (error) {
		if (!(error instanceof DeviceRefused) || !hasProof(credentials)) throw error;
		refused(error.reason);
	}
	if (!hasProof(credentials)) {
		const text = "This device is not remembered here. Give FERNET_CHAT_PASSWORD this once.";
		throw new LoginDenied({ ...reason("device_unknown"), text });
	}
	if (!target.devices) return joinWithProof(target, credentials);
	const membership = await joinWithProof(target, { ...credentials, remember: true });
	target.devices.save(credentials.email, membership.welcome.device);
	return membership;
}

const hasProof = (credentials: GivenCredentials): credentials is Credentials =>
	"password" in credentials || "token" in credentials;

/**
 * What cannot be a password of the service that checks it is denied here and not sent: to Gmail, for
 * instance, somebody's normal password.
 */
async function joinWithProof(target: ServerTarget, credentials: Credentials): Promise<Membership> {
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
