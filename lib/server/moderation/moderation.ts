import { ChatError } from "../../util/errors.ts";
import { emailField, type OwnerMessage } from "../../wire/messages.ts";
import { ReasonedError, reason } from "../../wire/reason.ts";
import { parseAccount } from "../auth/account.ts";
import type { BanList } from "../auth/ban-list.ts";
import type { LogEntry } from "../log/logger.ts";
import type { Member } from "../room/member.ts";
import type { Room } from "../room/room.ts";
import { MuteList } from "./mute-list.ts";

type OwnerRequest<T extends OwnerMessage["type"]> = Extract<OwnerMessage, { type: T }>;

export interface ModerationOptions {
	readonly room: Room;
	readonly bans: BanList;
	/** Canonical addresses. */
	readonly owners: ReadonlySet<string>;
	/** What members may see of a verified address. */
	readonly shownEmail: (account: string) => string | undefined;
	/** For whoever runs the server. */
	readonly log: (entry: LogEntry) => void;
	/** Ends the room for everybody, who are told who closed it. */
	readonly close: (by: string) => void;
}

/** Why something was not done: told to who asked for it. */
class Refusal extends ReasonedError {}

/** What the owners of the room can do. All of it is shown to the room, and who has done it. */
export class Moderation {
	readonly #options: ModerationOptions;
	readonly #muted = new MuteList();
	/** Who has asked for what is an owner's, and is no owner. */
	readonly #unauthorizedMembers = new WeakSet<Member>();

	constructor(options: ModerationOptions) {
		this.#options = options;
	}

	/** Whether somebody muted wants to say something new; that one is told so. */
	rejectIfMuted(member: Member, { id }: { id: string }): boolean {
		// What was said before is in the room, and asked for again only because the echo got lost.
		if (!this.#muted.has(member.account) || member.hasUsedId(id)) return false;
		member.send({ type: "refused", ...reason("muted"), id });
		return true;
	}

	/** Does what an owner asks for; anybody else who asks is told that they are none. */
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
			member.send({ type: "refused", ...error.reason });
		}
	}

	/** Whom an owner wants something of; who is banned, by the account that is. Never what is announced. */
	#logCommand({ name, account }: Member, message: OwnerMessage): void {
		const { name: whom, who, address } = Object(message);
		const banned = message.type === "ban" ? who : address;
		const text = banned === undefined ? (whom ?? who) : this.#accountOf(banned);
		this.#options.log({ event: "owner_command", name, account, code: message.type, text });
	}

	/** The first of each who is here: the log is not theirs to fill. */
	#logUnauthorized(member: Member, { type }: OwnerMessage): void {
		if (this.#unauthorizedMembers.has(member)) return;
		this.#unauthorizedMembers.add(member);
		const { name, account, link } = member;
		const text = `asked for ${type}, which is an owner's to do`;
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

	#kick(by: string, { name: whom, why }: OwnerRequest<"kick">): void {
		const { room } = this.#options;
		const member = this.#memberNamed(whom);
		this.#assertNotOwner(member.account);
		room.publish({ type: "kicked", name: member.name, by, why });
		room.kick(member, reason("kicked", by, why));
	}

	#ban(by: string, { who, why }: OwnerRequest<"ban">): void {
		const { room, bans } = this.#options;
		const account = this.#accountOf(who);
		this.#assertNotOwner(account);
		if (bans.isFull && !bans.has(account)) {
			throw new Refusal(reason("too_many_bans"));
		}
		const isKept = this.#trySaving(() => bans.add(account));
		const member = room.members.findByAccount(account);
		const whom = member ? { name: member.name } : { address: this.#options.shownEmail(account) };
		room.publish({ type: "banned", by, ...whom, why });
		if (member) room.kick(member, reason("banned", by, why));
		if (!isKept) throw notSaved(`${who} is banned only until the server ends`);
	}

	#unban(by: string, { address }: OwnerRequest<"unban">): void {
		const { room, bans, shownEmail } = this.#options;
		const account = assertAccount(address);
		if (!bans.has(account)) throw new Refusal(reason("not_banned", address));
		const isKept = this.#trySaving(() => bans.delete(account));
		room.publish({ type: "unbanned", by, address: shownEmail(account) });
		if (!isKept) throw notSaved(`${address} is let in only until the server ends`);
	}

	#mute(by: string, { name: whom }: OwnerRequest<"mute">): void {
		const { name, account } = this.#memberNamed(whom);
		this.#assertNotOwner(account);
		if (this.#muted.has(account)) throw new Refusal(reason("already_muted", name));
		if (this.#muted.isFull) throw new Refusal(reason("too_many_mutes"));
		this.#muted.add(account, name);
		this.#options.room.publish({ type: "muted", name, by });
	}

	/** Whoever is muted may have left since. */
	#unmute(by: string, { who }: OwnerRequest<"unmute">): void {
		const { room } = this.#options;
		const account = emailField.is(who) ? parseAccount(who) : this.#findMutedAccount(who);
		const name = account === null ? null : this.#muted.delete(account);
		if (account === null || name === null) throw new Refusal(reason("not_muted", who));
		room.publish({ type: "unmuted", name: room.members.findByAccount(account)?.name ?? name, by });
	}

	/** The account of somebody muted: who is called so now comes before who was. */
	#findMutedAccount(name: string): string | null {
		const here = this.#options.room.members.findByName(name)?.account;
		return here !== undefined && this.#muted.has(here) ? here : this.#muted.findAccount(name);
	}

	/** Of an address, or of somebody here by name. */
	#accountOf(who: string): string {
		return emailField.is(who) ? assertAccount(who) : this.#memberNamed(who).account;
	}

	/** A member by name, present or away. */
	#memberNamed(name: string): Member {
		const member = this.#options.room.members.findByName(name);
		if (member) return member;
		throw new Refusal(reason("no_such_member", name));
	}

	#assertNotOwner(account: string): void {
		if (!this.#options.owners.has(account)) return;
		throw new Refusal(reason("is_owner"));
	}

	/** Whether a change of the bans was written down. It holds all the same. */
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

/** What is at fault is told where the server runs; its paths are no member's business. */
const notSaved = (sentence: string): Refusal => new Refusal(reason("not_saved", sentence));

function assertAccount(address: string): string {
	const account = parseAccount(address);
	if (account !== null) return account;
	throw new Refusal(reason("invalid_address", address));
}
