import { ChatError } from "../wire/errors.ts";
import { addressField, type OwnerMessage, type Welcome } from "../wire/messages.ts";
import { canonicalAccount } from "./account.ts";
import type { Bans } from "./bans.ts";
import type { Entry } from "./journal.ts";
import type { Member } from "./member.ts";
import { Muted } from "./muted.ts";
import type { Room } from "./room.ts";

type Asked<T extends OwnerMessage["type"]> = Extract<OwnerMessage, { type: T }>;

export interface PowersOptions {
	readonly room: Room;
	readonly bans: Bans;
	/** Canonical addresses. */
	readonly owners: ReadonlySet<string>;
	readonly title: string | undefined;
	readonly motd: string | undefined;
	/** What members may see of a verified address. */
	readonly showAddress: (account: string) => string | undefined;
	/** For whoever runs the server. */
	readonly record: (entry: Entry) => void;
	/** Ends the room for everybody, who are told `text`. */
	readonly close: (text: string) => void;
}

/** Why something was not done: told to who asked for it. */
class Refusal extends ChatError {}

/** What the owners of the room can do. All of it is shown to the room, and who has done it. */
export class Powers {
	readonly #options: PowersOptions;
	readonly #muted = new Muted();
	#title: string | undefined;

	constructor(options: PowersOptions) {
		this.#options = options;
		this.#title = options.title;
	}

	/** What somebody is told on coming in. */
	greeting({ account }: Member): Pick<Welcome, "owner" | "title" | "motd"> {
		const { owners, motd } = this.#options;
		return { owner: owners.has(account) ? true : undefined, title: this.#title, motd };
	}

	/** Whether somebody muted wants to say something new; that one is told so. */
	isSilenced(member: Member, { id }: { id: string }): boolean {
		// What was said before is in the room, and asked for again only because the echo got lost.
		if (!this.#muted.has(member.account) || member.hasSaid(id)) return false;
		const text = "an owner of the room has muted you: what you say is not passed on";
		member.tell({ type: "refused", code: "muted", text, id });
		return true;
	}

	/** Does what an owner asks for; anybody else who asks is told that they are none. */
	use(member: Member, message: OwnerMessage): void {
		try {
			if (!this.#options.owners.has(member.account)) {
				throw new Refusal("not_owner", "only an owner of the room can do that");
			}
			this.#record(member, message);
			this.#do(member, message);
		} catch (error) {
			if (!(error instanceof ChatError)) throw error;
			member.tell({ type: "refused", code: error.code, text: error.message });
		}
	}

	/** Whom an owner wants something of; never what is announced. */
	#record({ name, account }: Member, message: OwnerMessage): void {
		const { name: whom, who, address } = Object(message);
		const entry = { event: "owner" as const, name, account, code: message.type };
		this.#options.record({ ...entry, text: whom ?? who ?? address });
	}

	#do(owner: Member, message: OwnerMessage): void {
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
				return owner.tell({ type: "banlist", addresses: [...bans] });
			case "announce":
				return room.happened({ type: "announced", by, text: message.text });
			case "title":
				this.#title = message.title;
				return room.happened({ type: "titled", by, title: message.title });
			case "close":
				return close(`${by} has closed the room`);
		}
	}

	#kick(by: string, { name: whom, why }: Asked<"kick">): void {
		const { room } = this.#options;
		const member = this.#here(whom);
		this.#mustBeNoOwner(member.account);
		room.happened({ type: "kicked", name: member.name, by, why });
		room.expel(member, "kicked", `${by} has sent you out of the room${because(why)}`);
	}

	#ban(by: string, { who, why }: Asked<"ban">): void {
		const { room, bans } = this.#options;
		const account = addressField.is(who) ? accountOf(who) : this.#here(who).account;
		this.#mustBeNoOwner(account);
		if (bans.isFull && !bans.has(account)) {
			throw new Refusal("too_many_bans", "so many are banned that no more can be; see /banned");
		}
		const isKept = this.#isKept(() => bans.add(account));
		const member = room.memberOf(account);
		const whom = member ? { name: member.name } : { address: this.#options.showAddress(account) };
		room.happened({ type: "banned", by, ...whom, why });
		if (member) room.expel(member, "banned", `${by} has banned you from the room${because(why)}`);
		if (!isKept) throw unkept(`${who} is banned only until the server ends`);
	}

	#unban(by: string, { address }: Asked<"unban">): void {
		const { room, bans, showAddress } = this.#options;
		const account = accountOf(address);
		if (!bans.has(account)) throw new Refusal("not_banned", `${address} is not banned`);
		const isKept = this.#isKept(() => bans.delete(account));
		room.happened({ type: "unbanned", by, address: showAddress(account) });
		if (!isKept) throw unkept(`${address} is let in only until the server ends`);
	}

	#mute(by: string, { name: whom }: Asked<"mute">): void {
		const { name, account } = this.#here(whom);
		this.#mustBeNoOwner(account);
		if (this.#muted.has(account)) throw new Refusal("muted_already", `${name} is muted already`);
		if (this.#muted.isFull) {
			throw new Refusal("too_many_muted", "so many are muted that no more can be");
		}
		this.#muted.add(account, name);
		this.#options.room.happened({ type: "muted", name, by });
	}

	/** Whoever is muted may have left since. */
	#unmute(by: string, { who }: Asked<"unmute">): void {
		const { room } = this.#options;
		const account = addressField.is(who) ? accountOf(who) : this.#mutedAs(who);
		const name = account === null ? null : this.#muted.delete(account);
		if (account === null || name === null) throw new Refusal("not_muted", `${who} is not muted`);
		room.happened({ type: "unmuted", name: room.memberOf(account)?.name ?? name, by });
	}

	/** The account of somebody muted: who is called so now comes before who was. */
	#mutedAs(name: string): string | null {
		const here = this.#options.room.named(name)?.account;
		return here !== undefined && this.#muted.has(here) ? here : this.#muted.accountOf(name);
	}

	/** A member by name, present or away. */
	#here(name: string): Member {
		const member = this.#options.room.named(name);
		if (member) return member;
		throw new Refusal("no_such_member", `nobody here is called ${name}`);
	}

	#mustBeNoOwner(account: string): void {
		if (!this.#options.owners.has(account)) return;
		throw new Refusal("is_owner", "an owner of the room cannot be kicked, banned or muted");
	}

	/** Whether a change of the bans was written down. It holds all the same. */
	#isKept(change: () => void): boolean {
		try {
			change();
			return true;
		} catch (error) {
			if (!(error instanceof ChatError)) throw error;
			this.#options.record({ event: "warning", text: error.message });
			return false;
		}
	}
}

/** What is at fault is told where the server runs; its paths are no member's business. */
const unkept = (sentence: string): Refusal =>
	new Refusal(
		"not_kept",
		`${sentence}: it could not be written down, the server's output says why`,
	);

const because = (why: string | undefined): string => (why === undefined ? "" : `: ${why}`);

/** The account of an address. What is nothing but dots and a tag names none. */
function accountOf(address: string): string {
	const account = canonicalAccount(address);
	if (addressField.is(account)) return account;
	throw new Refusal("no_account", `no account can have the address ${address}`);
}
