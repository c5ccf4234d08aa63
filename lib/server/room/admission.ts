import { type Reason, reason } from "../../wire/errors/reason.ts";
import type { FullCode } from "../limits/open-files.ts";
import type { Identity, Member } from "../room-state/member.ts";
import type { RoomState } from "../room-state/room-state.ts";
import type { Candidate } from "./candidate.ts";

/** Whether an account cannot join. The ban may be newer than the login. */
export const isBanned = (state: RoomState, account: string): boolean =>
	state.bans.has(account) && !state.isOwner(account);

/** Why there is no place for somebody who may join, or null. An account does not exclude itself. */
export function placeError(
	{ members, settings }: RoomState,
	{ name, account }: Pick<Identity, "name" | "account">,
	fullCode: FullCode,
): Reason<"name_taken" | FullCode> | null {
	const holder = members.findLookalike(name);
	if (holder && holder.account !== account) return reason("name_taken", holder.name, name);
	if (members.size >= settings.maxMembers && !members.findByAccount(account)) {
		return reason(fullCode);
	}
	return null;
}

/** Tells somebody whose resume token, given as its hash, leads to no member, why that is so. */
export function denyReturn(
	{ removals, settings, stamp }: RoomState,
	token: string,
	candidate: Candidate,
): void {
	const removal = removals.reasonFor(token, stamp.time - settings.grace);
	if (!removal) return candidate.deny(reason("resume_expired"));
	// An owner's reason is meant only for the person removed, so the log does not hold it.
	candidate.deny(removal, "An owner removed this member while it was offline.");
}

/**
 * Whether a member that comes back got more than the room had when it left: after a loss of power the
 * room has gone back, and gives the same places again.
 */
export const isAhead = (
	{ history }: RoomState,
	{ offlineSeq, privateCount }: Member,
	known: { readonly seq: number; readonly private: number },
): boolean => known.seq > (offlineSeq ?? history.lastSeq) || known.private > privateCount;
