import { ChatError } from "../../util/errors.ts";
import type { CodeSaidIn } from "../../wire/errors/error-codes.ts";
import { type Reason, ReasonedError, reason } from "../../wire/errors/reason.ts";
import { emailField } from "../../wire/messages/fields.ts";
import type { OwnerMessage } from "../../wire/messages/messages.ts";
import { parseAccount } from "../auth/account.ts";
import { MAX_BANS } from "../auth/ban-file.ts";
import type { BanList } from "../auth/ban-list.ts";
import type { LogEntry } from "../log/logger.ts";
import type { Member } from "../room/member.ts";
import type { Room } from "../room/room.ts";
import { MAX_MUTES, MuteList } from "./mute-list.ts";

type OwnerRequest<T extends OwnerMessage["type"]> = Extract<OwnerMessage, { type: T }>;

interface ModerationOptions {
	readonly room: Room;
	readonly bans: BanList;
	/** Canonical accounts. */
	readonly owners: ReadonlySet<string>;
	/** What members may see of a verified address; undefined for nothing. */
	readonly shownEmail: (account: string) => string | undefined;
	/** Writes to the operator's log. */
	readonly log: (entry: LogEntry) => void;
	/** Ends the room for everybody; `by` names the owner who closed it. */
	readonly close: (by: string) => void;
}

/** Why a request was refused; sent to the member who made it. */
class Refusal extends ReasonedError<Reason<CodeSaidIn<"refused">>> {}

/** What the owners of the room can do. The room sees each change, and who made it. */
export class Moderation {
	readonly #options: ModerationOptions;
	readonly #muted = new MuteList();
	/** Non-owners who sent an owner command; each is logged once. */
	readonly #unauthorizedMembers = new WeakSet<Member>();

	constructor(options: ModerationOptions) {
		this.#options = options;
	}

	/** Whether a muted member wants to say something new; if so, tells them that they are muted. */
	rejectIfMuted(member: Member, { id }: { id: string }): boolean {
		// What they said earlier is in the room; they repeat it only because its echo got lost.
		if (!this.#muted.has(member.account) || member.hasUsedId(id)) return false;
		member.send({ type: "refused", ...reason("muted"), id });
		return true;
	}

	/** Carries out an owner's command, or tells the member that they are not an owner. */
	handle(member: Member, message: OwnerMessage): void {
		try {
			if (!this.#options.owners.has(member.account)) {
				this.#logUnauthorized(member, message);
				throw new Refusal(reason("not_owner"));
			}
			this.#logCommand(member, message);
			this.#execute(member, message);
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			member.send({ type: "refused", ...error.reason, id: message.id });
		}
	}

	/**
	 * Logs whom a command is about: the account for a ban or its end, else what the owner gave. Never
	 * logs what is announced.
	 */
	#logCommand({ name, account }: Member, message: OwnerMessage): void {
		const { name: whom, who, visit, address } = Object(message);
		const banned = message.type === "ban" ? who : address;
		const text = banned === undefined ? (whom ?? who) : this.#accountOf(banned, visit);
		this.#options.log({ event: "owner_command", name, account, code: message.type, text });
	}

	/** Logs only the first attempt of each member, so that nobody can fill the log. */
	#logUnauthorized(member: Member, { type }: OwnerMessage): void {
		if (this.#unauthorizedMembers.has(member)) return;
		this.#unauthorizedMembers.add(member);
		const { name, account, link } = member;
		const text = `This member is not an owner, but sent the owner command ${type}.`;
		const code = "not_owner";
		this.#options.log({ event: "refused", name, account, ip: link?.ip, code, text });
	}

	#execute(owner: Member, message: OwnerMessage): void {
		const { room, bans, close } = this.#options;
		const by = owner.name;
		switch (message.type) {
			case "kick":
				return this.#kick(by, message);
			case "ban":
				return this.#ban(by, message);
			case "unban":
				return this.#unban(by, message);
			case "mute":
				return this.#mute(by, message);
			case "unmute":
				return this.#unmute(by, message);
			case "bans":
				return owner.send({ type: "banlist", addresses: [...bans] });
			case "announce":
				return room.publish({ type: "announced", by, text: message.text });
			case "title":
				return room.rename(by, message.title);
			case "close":
				return close(by);
		}
	}

	#kick(by: string, { name: whom, visit, reason: why }: OwnerRequest<"kick">): void {
		const { room } = this.#options;
		const member = this.#memberIn(whom, visit);
		this.#assertNotOwner(member.account);
		room.publish({ type: "kicked", name: member.name, by, reason: why });
		room.kick(member, reason("kicked", by, why));
	}

	#ban(by: string, { who, visit, reason: why }: OwnerRequest<"ban">): void {
		const { room, bans } = this.#options;
		const account = this.#accountOf(who, visit);
		this.#assertNotOwner(account);
		if (bans.isFull && !bans.has(account)) {
			throw new Refusal(reason("too_many_bans", MAX_BANS));
		}
		const isKept = this.#trySaving(() => bans.add(account));
		const member = room.members.findByAccount(account);
		const whom = member ? { name: member.name } : { address: this.#options.shownEmail(account) };
		room.publish({ type: "banned", by, ...whom, reason: why });
		if (member) room.kick(member, reason("banned", by, why));
		if (!isKept) throw notSaved(`${who} is banned`);
	}

	#unban(by: string, { address }: OwnerRequest<"unban">): void {
		const { room, bans, shownEmail } = this.#options;
		const account = assertAccount(address);
		if (!bans.has(account)) throw new Refusal(reason("not_banned", address));
		const isKept = this.#trySaving(() => bans.delete(account));
		room.publish({ type: "unbanned", by, address: shownEmail(account) });
		if (!isKept) throw notSaved(`${address} is no longer banned`);
	}

	#mute(by: string, { name: whom, visit }: OwnerRequest<"mute">): void {
		const { name, account } = this.#memberIn(whom, visit);
		this.#assertNotOwner(account);
		if (this.#muted.has(account)) throw new Refusal(reason("already_muted", name));
		if (this.#muted.isFull) throw new Refusal(reason("too_many_mutes", MAX_MUTES));
		this.#muted.add(account, { name, visit });
		this.#options.room.publish({ type: "muted", name, by });
	}

	/** The muted person may have left since. */
	#unmute(by: string, { who, visit }: OwnerRequest<"unmute">): void {
		const { room } = this.#options;
		const account = emailField.is(who) ? parseAccount(who) : this.#mutedAccount(who, visit);
		const name = account === null ? null : this.#muted.delete(account);
		if (account === null || name === null) throw new Refusal(reason("not_muted", who));
		room.publish({ type: "unmuted", name: room.members.findByAccount(account)?.name ?? name, by });
	}

	/**
	 * A muted account: of the member in this visit, here or gone; without a visit, of whoever was
	 * muted under this name. Null if there is none. Throws Refusal for a visit that nobody knows.
	 */
	#mutedAccount(name: string, visit: string | undefined): string | null {
		const known = this.#muted.findAccount(name, visit);
		if (visit === undefined || known !== null) return known;
		return this.#memberIn(name, visit).account;
	}

	/** The account of an address, or of a member in this visit. Throws Refusal. */
	#accountOf(who: string, visit: string | undefined): string {
		return emailField.is(who) ? assertAccount(who) : this.#memberIn(who, visit).account;
	}

	/** A member by name and visit, present or away. Throws Refusal. */
	#memberIn(name: string, visit = ""): Member {
		const { members } = this.#options.room;
		const member = members.findVisit(name, visit);
		if (member) return member;
		throw new Refusal(members.whyAbsent(name));
	}

	#assertNotOwner(account: string): void {
		if (!this.#options.owners.has(account)) return;
		throw new Refusal(reason("is_owner"));
	}

	/** Whether a change of the bans was saved. The change holds either way. */
	#trySaving(change: () => void): boolean {
		try {
			change();
			return true;
		} catch (error) {
			if (!(error instanceof ChatError)) throw error;
			this.#options.log({ event: "warning", text: error.message });
			return false;
		}
	}
}

/** The details go only to the operator's log, because they name paths of the server. */
const notSaved = (sentence: string): Refusal => new Refusal(reason("not_saved", sentence));

function assertAccount(address: string): string {
	const account = parseAccount(address);
	if (account !== null) return account;
	throw new Refusal(reason("invalid_address", address));
}
