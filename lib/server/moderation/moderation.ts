import type { CodeSaidIn } from "../../wire/errors/error-codes.ts";
import { type Reason, ReasonedError, reason } from "../../wire/errors/reason.ts";
import { emailField } from "../../wire/messages/fields.ts";
import type { OwnerMessage } from "../../wire/messages/messages.ts";
import { parseAccount, shownEmail } from "../accounts/account.ts";
import { MAX_BANS } from "../accounts/ban-file.ts";
import { settleIsolated } from "../log/run-isolated.ts";
import type { OwnerRequests, RoomControls } from "../room/room-controls.ts";
import type { BanEdits } from "../room-log/entry.ts";
import type { Member } from "../room-state/member.ts";
import { MAX_MUTES } from "../room-state/mute-list.ts";
import type { RoomState } from "../room-state/room-state.ts";
import { BanKeeping, type BanKeepingOptions } from "./ban-keeping.ts";
import { SignOuts, type SignOutsOptions } from "./sign-outs.ts";

type OwnerRequest<T extends OwnerMessage["type"]> = Extract<OwnerMessage, { type: T }>;

/** Why a request was refused; sent to the member who made it. */
class Refusal extends ReasonedError<Reason<CodeSaidIn<"refused">>> {}

/** What the owners of the room can do. The room sees each change, and who made it. */
export class Moderation implements OwnerRequests {
	readonly #bans: BanKeeping;
	readonly #signOuts: SignOuts;
	/** Non-owners who sent an owner command; each is logged once. */
	readonly #unauthorizedMembers = new WeakSet<Member>();

	constructor(options: BanKeepingOptions & SignOutsOptions) {
		this.#bans = new BanKeeping(options);
		this.#signOuts = new SignOuts(options);
	}

	banEdits(state: RoomState): BanEdits | null {
		return this.#bans.edits(state);
	}

	/** Carries out an owner's command, or tells the member that they are not an owner. */
	handle(room: RoomControls, member: Member, message: OwnerMessage): void {
		try {
			if (!room.state.isOwner(member.account)) {
				this.#logUnauthorized(room, member, message);
				throw new Refusal(reason("not_owner"));
			}
			this.#logCommand(room, member, message);
			this.#execute(room, member, message);
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			member.send({ type: "refused", ...error.reason, id: message.id });
		}
	}

	/**
	 * Logs whom a command is about: the account for a ban or its end, else what the owner gave. Never
	 * logs what is announced.
	 */
	#logCommand(room: RoomControls, { name, account }: Member, message: OwnerMessage): void {
		const { name: whom, who, visit, address } = Object(message);
		const banned = message.type === "ban" || message.type === "sign_out_member" ? who : address;
		const text = banned === undefined ? (whom ?? who) : accountOf(room, banned, visit);
		room.log({ event: "owner_command", name, account, code: message.type, text });
	}

	/** Logs only the first attempt of each member, so that nobody can fill the log. */
	#logUnauthorized(room: RoomControls, member: Member, { type }: OwnerMessage): void {
		if (this.#unauthorizedMembers.has(member)) return;
		this.#unauthorizedMembers.add(member);
		const { name, account, link } = member;
		const text = `This member is not an owner, but sent the owner command ${type}.`;
		const code = "not_owner";
		room.log({ event: "refused", name, account, ip: link?.ip, code, text });
	}

	#execute(room: RoomControls, owner: Member, message: OwnerMessage): void {
		const by = owner.name;
		switch (message.type) {
			case "kick":
				return this.#kick(room, by, message);
			case "ban":
				return this.#ban(room, by, message);
			case "unban":
				return this.#unban(room, by, message);
			case "mute":
				return this.#mute(room, by, message);
			case "unmute":
				return this.#unmute(room, by, message);
			case "bans":
				return owner.send({ type: "banlist", addresses: [...room.state.bans] });
			case "sign_out_member":
				return this.#signOut(room, owner, message);
			case "announce":
				return room.publish({ type: "announced", by, text: message.text });
			case "title":
				return rename(room, by, message.title);
			case "close":
				return room.end(reason("room_closed", by));
		}
	}

	#kick(room: RoomControls, by: string, { name, visit, reason: why }: OwnerRequest<"kick">): void {
		const member = memberIn(room, name, visit);
		assertNotOwner(room, member.account);
		room.publish({ type: "kicked", name: member.name, by, reason: why });
		room.kick(member, reason("kicked", by, why));
	}

	#ban(room: RoomControls, by: string, { who, visit, reason: why }: OwnerRequest<"ban">): void {
		const { bans, members } = room.state;
		const account = accountOf(room, who, visit);
		assertNotOwner(room, account);
		if (bans.size >= MAX_BANS && !bans.has(account)) {
			throw new Refusal(reason("too_many_bans", MAX_BANS));
		}
		const isSaved = this.#bans.set(room, account, true);
		isolate(room, this.#signOuts.banned(room, account));
		const member = members.findByAccount(account);
		const whom = member ? { name: member.name } : { address: shown(room, account) };
		room.publish({ type: "banned", by, ...whom, reason: why });
		if (member) room.kick(member, reason("banned", by, why));
		if (!isSaved) throw notSaved(`${who} is banned`);
	}

	#signOut(room: RoomControls, owner: Member, message: OwnerRequest<"sign_out_member">): void {
		// Judged before anything waits.
		const account = accountOf(room, message.who, message.visit);
		isolate(room, this.#signOuts.signOut(room, owner, { ...message, account }));
	}

	#unban(room: RoomControls, by: string, { address }: OwnerRequest<"unban">): void {
		const account = assertAccount(address);
		if (!room.state.bans.has(account)) throw new Refusal(reason("not_banned", address));
		const isSaved = this.#bans.set(room, account, false);
		room.publish({ type: "unbanned", by, address: shown(room, account) });
		if (!isSaved) throw notSaved(`${address} is no longer banned`);
	}

	#mute(room: RoomControls, by: string, { name: whom, visit }: OwnerRequest<"mute">): void {
		const { mutes } = room.state;
		const { name, account } = memberIn(room, whom, visit);
		assertNotOwner(room, account);
		if (mutes.has(account)) throw new Refusal(reason("already_muted", name));
		if (mutes.isFull) throw new Refusal(reason("too_many_mutes", MAX_MUTES));
		mutes.add(account, { name, visit });
		room.publish({ type: "muted", name, by });
	}

	/** The muted person may have left since. */
	#unmute(room: RoomControls, by: string, { who, visit }: OwnerRequest<"unmute">): void {
		const { mutes, members } = room.state;
		const account = emailField.is(who) ? parseAccount(who) : mutedAccount(room, who, visit);
		const name = account === null ? null : mutes.delete(account);
		if (account === null || name === null) throw new Refusal(reason("not_muted", who));
		room.publish({ type: "unmuted", name: members.findByAccount(account)?.name ?? name, by });
	}
}

const isolate = (room: RoomControls, work: Promise<void>): void =>
	void settleIsolated("The room", (entry) => room.log(entry), work);

/** What members may see of an address; undefined for nothing. */
const shown = ({ state }: RoomControls, account: string): string | undefined =>
	shownEmail(account, state.settings.emailVisibility);

function rename(room: RoomControls, by: string, title: string): void {
	room.state.title = title;
	room.publish({ type: "titled", by, title });
}

/**
 * A muted account: of the member in this visit, here or gone; without a visit, of whoever was muted
 * under this name. Null if there is none. Throws Refusal for a visit that nobody knows.
 */
function mutedAccount(room: RoomControls, name: string, visit: string | undefined): string | null {
	const known = room.state.mutes.findAccount(name, visit);
	if (visit === undefined || known !== null) return known;
	return memberIn(room, name, visit).account;
}

/** The account of an address, or of a member in this visit. Throws Refusal. */
function accountOf(room: RoomControls, who: string, visit: string | undefined): string {
	return emailField.is(who) ? assertAccount(who) : memberIn(room, who, visit).account;
}

/** A member by name and visit, present or away. Throws Refusal. */
function memberIn({ state: { members } }: RoomControls, name: string, visit = ""): Member {
	const member = members.findVisit(name, visit);
	if (member) return member;
	throw new Refusal(members.whyAbsent(name));
}

function assertNotOwner({ state }: RoomControls, account: string): void {
	if (state.isOwner(account)) throw new Refusal(reason("is_owner"));
}

/** The details go only to the operator's log, because they name paths of the server. */
const notSaved = (sentence: string): Refusal => new Refusal(reason("not_saved", sentence));

function assertAccount(address: string): string {
	const account = parseAccount(address);
	if (account !== null) return account;
	throw new Refusal(reason("invalid_address", address));
}
