import type { ErrorCode } from "../../wire/errors/error-codes.ts";
import { mayPass, type PeerReason, reason } from "../../wire/errors/reason.ts";
import { appPasswordIn } from "../../wire/messages/app-password.ts";
import { type Admission, type Credentials, join, LoginDenied } from "../net/join.ts";
import { Untrusted } from "../net/link-errors.ts";
import { loginMethods } from "../net/queries.ts";
import { type Pauses, retry } from "../net/retry.ts";
import type { RoomTarget } from "../net/room-target.ts";
import { DeviceRefused, joinAsDevice } from "./join-as-device.ts";

/** Milliseconds. Few and far between: a mail service bars an account that logs in again and again. */
const PAUSES: Pauses = { first: 500, factor: 4, max: 120_000 };

/** What is given to a client that asks nobody: a name, an email and, unless it is remembered, a proof. */
export type GivenCredentials = Credentials | { readonly name: string; readonly email: string };

interface UnaskedOptions {
	readonly signal?: AbortSignal;
	/** Learns why the device could not log in as what it is remembered as. */
	readonly refused?: ((reason: PeerReason) => void) | undefined;
}

/**
 * Logs in without a prompt: as this device, if the target has remembered devices and this is one, and
 * else with the proof, after which it is one. Throws as `join` does.
 */
export async function joinUnasked(
	target: RoomTarget,
	credentials: GivenCredentials,
	{ signal, refused }: UnaskedOptions = {},
): Promise<Admission> {
	// Whatever is sent next goes to one server, so it should be one that answers.
	if (target.servers.label !== undefined) await loginMethods(target, signal);
	try {
		const admission = await joinAsDevice(target, credentials, signal);
		if (admission) return admission;
	} catch (error) {
		if (!(error instanceof DeviceRefused) || !hasProof(credentials)) throw error;
		refused?.(error.reason);
	}
	if (!hasProof(credentials)) {
		const text = "This device is not remembered here. Give FERNET_CHAT_PASSWORD this once.";
		throw new LoginDenied({ ...reason("device_unknown"), text });
	}
	if (!target.devices) return joinWithProof(target, credentials, signal);
	const admission = await joinWithProof(target, { ...credentials, remember: true }, signal);
	target.devices.save(credentials.email, admission.welcome.device);
	return admission;
}

const hasProof = (credentials: GivenCredentials): credentials is Credentials =>
	"password" in credentials || "token" in credentials;

/**
 * What cannot be a password of the service that checks it is denied here and not sent: to Gmail, for
 * instance, somebody's normal password.
 */
async function joinWithProof(
	target: RoomTarget,
	credentials: Credentials,
	signal: AbortSignal | undefined,
): Promise<Admission> {
	if (!("password" in credentials)) return join(target, credentials, signal);
	const { password } = credentials;
	// Sixteen letters are right for every service, so that most bots need no second connection.
	if (appPasswordIn(password) === password) return join(target, credentials, signal);
	const { verifier } = await loginMethods(target, signal);
	// Loaded here: most bots have an app password, and start sooner without the login page's checks.
	const { passwordFault, passwordToSend } = await import("./login-fields.ts");
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
	target: RoomTarget,
	credentials: GivenCredentials,
	patience: number,
	{ signal, refused }: UnaskedOptions & { readonly signal: AbortSignal },
): Promise<Admission | null> =>
	retry((given) => joinUnasked(target, credentials, { signal: given, refused }), {
		...{ patience, signal, pauses: PAUSES },
		isFinal: (error) =>
			error instanceof Untrusted || (error instanceof LoginDenied && !mayPass(error.code)),
	});
