import { version } from "../../../package.json" with { type: "json" };
import { ProtocolError, reason } from "../../wire/errors/reason.ts";
import {
	type ClientMessage,
	type Login,
	type Resume,
	readClientMessage,
	type ServerMessage,
} from "../../wire/messages/messages.ts";
import { BadField, type Envelope, UnknownType } from "../../wire/messages/schema.ts";
import { parseAccount } from "../accounts/account.ts";
import type { AuthenticationResult } from "../auth/authenticator.ts";
import type { DeviceGrant } from "../devices/device-store.ts";
import type { KnownUser, VerifiedUser } from "../log/logger.ts";
import type { Candidate } from "../room/candidate.ts";
import type { ServerContext } from "./context.ts";

/** The connection that sent a first message, and what can be done with it. */
export interface LoginPeer extends Candidate {
	device: DeviceGrant | undefined;
	/** Accepts no more messages until the answer. The signal aborts when nobody waits for one. */
	beginCheck(): AbortSignal;
	/** Sends an answer and ends the connection. */
	answer(message: ServerMessage): void;
	/** Runs an action that must cost nobody else anything if it fails. */
	runIsolated(action: () => void): void;
}

type GrantDevice = Extract<AuthenticationResult, { accepted: true }>["grantDevice"];

/** Milliseconds between two resumes of a member: each costs the room a look through its history. */
const RESUME_PAUSE = 250;
/** Seconds by which the time of a first token may differ from ours, either way. */
const MAX_CLOCK_SKEW = 60;

const REPLACED = reason("replaced", "came back on another connection");

/** Handles a connection's first message: a login, a resume or a question before the login. */
export class LoginHandler {
	/** The user, as far as we know them. */
	user: KnownUser = {};
	readonly #context: ServerContext;
	readonly #peer: LoginPeer;

	constructor(context: ServerContext, peer: LoginPeer) {
		this.#context = context;
		this.#peer = peer;
	}

	/** `issuedAt`: when the token says it was made, seconds since 1970. Throws ProtocolError. */
	handle(first: Envelope | undefined, issuedAt: number): void {
		try {
			this.#handle(readClientMessage(first), issuedAt);
		} catch (error) {
			if (error instanceof UnknownType) throw new ProtocolError(reason("login_first"));
			if (!(error instanceof BadField)) throw error;
			this.#peer.deny(error.reason);
		}
	}

	#handle(message: ClientMessage, issuedAt: number): void {
		const claimed = "email" in message ? parseAccount(message.email) : null;
		if (claimed !== null) this.user = { claimed };
		const ahead = issuedAt - Math.floor(this.#context.wallNow() / 1000);
		// A resume proves itself by its own token, which works once. Its age does not matter, because
		// either clock may have been set since the login.
		if (message.type !== "resume" && Math.abs(ahead) > MAX_CLOCK_SKEW) {
			return this.#peer.deny(reason("clock_skew", ahead, MAX_CLOCK_SKEW));
		}
		switch (message.type) {
			case "login":
				return this.#login(message);
			case "resume":
				return this.#resume(message);
			case "login_methods":
				return this.#peer.answer({
					type: "login_methods",
					methods: this.#context.authenticator.offered,
					verifier: this.#context.verifier,
					version,
				});
			case "request_code":
				return this.#requestCode(message.email);
			default:
				throw new ProtocolError(reason("login_first"));
		}
	}

	#login(login: Login): void {
		const signal = this.#peer.beginCheck();
		const checked = this.#context.authenticator.authenticate(login, this.#peer.ip, signal);
		this.#settleWith(checked, signal, (result) => this.#settle(login, result, signal));
	}

	/** Goes on with a result, if somebody still waits for it. */
	#settleWith<T>(result: Promise<T>, signal: AbortSignal, action: (result: T) => void): void {
		const settle = (step: () => void): void => {
			if (!signal.aborted) this.#peer.runIsolated(step);
		};
		result.then(
			(value) => settle(() => action(value)),
			(fault) =>
				settle(() => {
					throw fault;
				}),
		);
	}

	#settle({ name }: Login, result: AuthenticationResult, signal: AbortSignal): void {
		if (!result.accepted) {
			if (result.provedAccount) this.user = { name, account: result.provedAccount };
			return this.#peer.deny(result);
		}
		const { account, grantDevice } = result;
		const verified = { name, account };
		this.#context.joins.schedule(() => {
			// In a large room joining takes a moment, and the connection may have ended meanwhile.
			if (signal.aborted) return;
			this.#peer.runIsolated(() => this.#admit(verified, grantDevice, signal));
		});
	}

	/** Only who can join is given something for the device: a login that fails must leave none behind. */
	#admit(verified: VerifiedUser, grantDevice: GrantDevice, signal: AbortSignal): void {
		this.user = verified;
		if (!grantDevice) return this.#join(verified);
		const { room, authenticator } = this.#context;
		room.applications.checkPlace(verified, (error) => {
			const denial = authenticator.admissionError(verified.account) ?? error;
			if (signal.aborted || denial) return denial && this.#peer.deny(denial);
			this.#settleWith(grantDevice(), signal, (grant) => {
				if (grant && "accepted" in grant) return this.#peer.deny(grant);
				this.#peer.device = grant;
				this.#join(verified);
			});
		});
	}

	#join(verified: VerifiedUser): void {
		const { account } = verified;
		const { room, authenticator } = this.#context;
		const denial = authenticator.admissionError(account);
		if (denial) return this.#peer.deny(denial);
		room.applications.join(verified, this.#peer);
	}

	/** Mails a code. Requesting one proves nothing, so the log calls the account merely claimed. */
	#requestCode(email: string): void {
		const { ip } = this.#peer;
		const { authenticator, logger } = this.#context;
		const signal = this.#peer.beginCheck();
		const requested = authenticator.requestCode(email, ip).then((result) => {
			// Whether or not its client waits for the answer.
			if (result.accepted) {
				const { account: claimed, outcome: code } = result;
				logger.log({ event: "code_requested", claimed, ip, code });
			}
			return result;
		});
		this.#settleWith(requested, signal, (result) => {
			if (!result.accepted) return this.#peer.deny(result);
			this.#peer.answer({ type: "code_sent", ticket: result.ticket });
		});
	}

	/** A resume soon after another waits. Of several that wait, only the newest is carried out. */
	#resume(request: Resume): void {
		const { room, joins, now } = this.#context;
		const { applications } = room;
		const signal = this.#peer.beginCheck();
		const member = applications.findByResumeToken(request.token);
		if (!member) return applications.resume(request, this.#peer);
		const comeBack = (): void => {
			if (signal.aborted) return;
			const newest = member.newestAttempt;
			if (newest && newest !== signal && !newest.aborted) return this.#peer.close(REPLACED);
			if (now() - member.resumedAt < RESUME_PAUSE) {
				return joins.postpone(() => this.#peer.runIsolated(comeBack));
			}
			applications.resume(request, this.#peer);
		};
		member.newestAttempt = signal;
		comeBack();
	}
}
