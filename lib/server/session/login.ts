import { ProtocolError } from "../../util/errors.ts";
import type { ClientMessage, Login, Resume, ServerMessage } from "../../wire/messages.ts";
import { canonicalAccount } from "../auth/account.ts";
import type { Verdict } from "../auth/login-result.ts";
import type { Verified, Who } from "../log/logger.ts";
import type { Link, Member } from "../room/member.ts";
import type { House } from "./context.ts";

/** Whose first message it is, and what can be done about it. */
export interface Applicant extends Link {
	/** Has nothing more heard until there is an answer; tells whether one is still wanted. */
	wait(): () => boolean;
	admit(member: Member): void;
	/** An answer, and the end of the connection. */
	deny(code: string, text: string): void;
	answer(message: ServerMessage): void;
	/** Runs what must cost nobody else anything if it fails. */
	guard(action: () => void): void;
}

/** Seconds by which a first token's time and ours may differ, either way. */
const FRESH = 60;

/** What comes of a connection's first message: somebody new, who comes back, or who has a question. */
export class Admission {
	/** Who this is, as far as is known. */
	who: Who = {};
	readonly #house: House;
	readonly #applicant: Applicant;

	constructor(house: House, applicant: Applicant) {
		this.#house = house;
		this.#applicant = applicant;
	}

	/** `issuedAt`: when the message's token says it was made, seconds since 1970. */
	hear(message: ClientMessage, issuedAt: number): void {
		if ("email" in message) this.who = { claimed: canonicalAccount(message.email) };
		const ahead = issuedAt - Math.floor(this.#house.now() / 1000);
		if (Math.abs(ahead) > FRESH) {
			const how = `${Math.abs(ahead)} s ${ahead > 0 ? "ahead of" : "behind"} the server's`;
			const sentence = `your clock is ${how}; at most ${FRESH} s are allowed`;
			return this.#applicant.deny("clock", sentence);
		}
		switch (message.type) {
			case "login":
				return this.#login(message);
			case "resume":
				return this.#resume(message);
			case "ask":
				return this.#applicant.answer({ type: "accepts", ways: [...this.#house.entrance.ways] });
			case "mail":
				return this.#mail(message.email);
			default:
				throw new ProtocolError("login_first", "the first message must be a login or a resume");
		}
	}

	#login(login: Login): void {
		const isWanted = this.#applicant.wait();
		this.#house.entrance.judge(login, this.#applicant.address, isWanted).then((verdict) => {
			if (isWanted()) this.#applicant.guard(() => this.#judge(login, verdict, isWanted));
		});
	}

	#judge({ name, email }: Login, verdict: Verdict, isWanted: () => boolean): void {
		const verified = { name, account: canonicalAccount(email) };
		if (!verdict.accepted) {
			if (verdict.isProved) this.who = verified;
			return this.#applicant.deny(verdict.code, verdict.text);
		}
		this.#house.cross(() => {
			// Who has to wait may be gone by now.
			if (!isWanted()) return;
			this.#applicant.guard(() => this.#enter(verified));
		});
	}

	#enter(verified: Verified): void {
		const { account } = verified;
		const { room, entrance, showAddress } = this.#house;
		const identity = { ...verified, address: showAddress(account) };
		this.who = verified;
		const obstacle = entrance.obstacle(account) ?? room.obstacle(identity);
		if (obstacle) return this.#applicant.deny(obstacle.code, obstacle.text);
		this.#applicant.admit(room.join(identity, this.#applicant));
	}

	/** Somebody asks for a code; to have it mailed is nobody's proof yet. */
	#mail(email: string): void {
		const { address } = this.#applicant;
		const asked = this.#house.entrance.mail(email, address);
		if (!asked.accepted) return this.#applicant.deny(asked.code, asked.text);
		const entry = { event: "asked" as const, claimed: canonicalAccount(email), address };
		this.#house.journal.record({ ...entry, code: asked.outcome });
		this.#applicant.answer({ type: "mailed", ticket: asked.ticket });
	}

	#resume(request: Resume): void {
		const { room } = this.#house;
		const member = room.holderOf(request.token);
		if (!member) return this.#gone(request.token);
		this.#applicant.admit(member);
		room.resume(member, request, this.#applicant);
	}

	/** There is no place for a token: who was put out while away hears why only now. */
	#gone(token: string): void {
		const expulsion = this.#house.room.expulsion(token);
		if (!expulsion) {
			const sentence = "the room does not know you any more; log in again";
			return this.#applicant.deny("no_resume", sentence);
		}
		const { address } = this.#applicant;
		const text = "put out while away";
		// What an owner gave as a reason is for its hearer, and in no log.
		this.#house.journal.record({ event: "refused", address, code: expulsion.code, text });
		this.#applicant.answer({ type: "denied", ...expulsion });
	}
}
