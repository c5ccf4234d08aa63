import { reason } from "../../wire/errors/reason.ts";
import type { Resume } from "../../wire/messages/messages.ts";
import type { Change } from "../room-log/entry.ts";
import type { Identity, Member } from "../room-state/member.ts";
import type { RoomState } from "../room-state/room-state.ts";
import { denyReturn, isAhead, placeError } from "./admission.ts";
import type { Candidate } from "./candidate.ts";
import { type Proposals, tokenHash } from "./proposals.ts";
import type { RoomOptions } from "./room-options.ts";

/** The servers of the room share its log. Another one may be able to reach it. */
const UNREACHABLE = reason("store_unavailable", true);

interface ApplicationsOptions {
	readonly options: Pick<RoomOptions, "fullCode" | "roomLog">;
	readonly proposals: Proposals;
	readonly getState: () => RoomState;
	readonly propose: (change: Change) => void;
	/** Proposes what the operator has changed by hand. */
	readonly noticeEdits: () => void;
}

/**
 * Connections that want to be a member's. What is bound to fail puts nothing into the log, but the
 * state may lag behind it: so nobody is denied before everything in the log has been applied here.
 */
export class Applications {
	readonly #options: ApplicationsOptions;

	constructor(options: ApplicationsOptions) {
		this.#options = options;
	}

	/** The member with this resume token, or null. */
	findByResumeToken(token: string): Member | null {
		return this.#state.members.findByToken(tokenHash(token));
	}

	/** Calls back with why there is no place for somebody who may join, or null. */
	checkPlace(
		who: Identity,
		answer: (error: ReturnType<typeof placeError> | typeof UNREACHABLE) => void,
	): void {
		const { fullCode, roomLog } = this.#options.options;
		if (!roomLog.isReachable) return answer(UNREACHABLE);
		const check = () => placeError(this.#state, who, fullCode);
		if (check() === null) return answer(null);
		roomLog.whenCurrent(() => answer(check()));
	}

	/** Asks for a place. The candidate is admitted or denied. */
	join(identity: Identity, candidate: Candidate): void {
		this.#options.noticeEdits();
		this.checkPlace(identity, (error) => {
			if (error) return candidate.deny(error);
			const { name, account } = identity;
			const attempt = this.#options.proposals.register(candidate);
			this.#options.propose({ kind: "join", ...attempt, name, account });
		});
	}

	/** Asks for a member's place. The candidate is admitted, or denied if there is none. */
	resume(request: Resume, candidate: Candidate): void {
		const member = this.findByResumeToken(request.token);
		const isGood = member && !isAhead(this.#state, member, request);
		const { roomLog } = this.#options.options;
		if (!roomLog.isReachable) return candidate.deny(UNREACHABLE);
		if (isGood) return this.#resume(request, candidate);
		roomLog.whenCurrent(() => this.#resume(request, candidate));
	}

	/** The log is out of reach: those who wait may find a server that can do more. */
	sendAway(): void {
		for (const candidate of this.#options.proposals.waiting) {
			if (!candidate.isGone) candidate.deny(UNREACHABLE);
		}
	}

	#resume(request: Resume, candidate: Candidate): void {
		const { seq, private: heard } = request;
		const token = tokenHash(request.token);
		const member = this.#state.members.findByToken(token);
		if (!member) return denyReturn(this.#state, token, candidate);
		if (isAhead(this.#state, member, request)) return candidate.deny(reason("room_went_back"));
		const { attempt, token: nextToken } = this.#options.proposals.register(candidate);
		this.#options.propose({ kind: "resume", attempt, token, nextToken, seq, private: heard });
	}

	get #state(): RoomState {
		return this.#options.getState();
	}
}
