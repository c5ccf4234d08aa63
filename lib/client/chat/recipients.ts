import { parseLine } from "../commands/parse-line.ts";
import type { Recipient, Visits } from "./visits.ts";

/** Stands for a visit that we have missed: a reply to it is refused. */
const UNKNOWN = "unknown";
/** Begins with a blank, which no name does. */
const REPLY = " reply";

/** The members whom the user's lines are about, to be kept for another process of this visit. */
export interface KeptRecipients {
	readonly lastSender?: Recipient | undefined;
	/** The recipient of the line being typed, and what names them in it. */
	readonly draft?: { readonly key: string; readonly recipient: Recipient } | undefined;
}

/**
 * The members whom the user's lines are about: the one who had the name when the line was typed, not
 * one who takes it before the line is sent.
 */
export class Recipients {
	readonly #visits: Visits;
	#lastSender: Recipient | undefined;
	/** What names the recipient in the line being typed: a name in lower case, or `reply`. */
	#key: string | undefined;
	#recipient: Recipient | undefined;

	constructor(visits: Visits) {
		this.#visits = visits;
	}

	get kept(): KeptRecipients {
		const [key, recipient, lastSender] = [this.#key, this.#recipient, this.#lastSender];
		return {
			...(lastSender && { lastSender: inVisit(lastSender) }),
			...(key !== undefined && recipient && { draft: { key, recipient: inVisit(recipient) } }),
		};
	}

	/** Goes on as an earlier process of this visit. Call before the line that was typed there is `drafting`. */
	restore({ lastSender, draft }: KeptRecipients): void {
		this.#lastSender = lastSender;
		this.#key = draft?.key;
		this.#recipient = draft?.recipient;
	}

	/** The recipient of a reply: the member who last sent us a private message, or null. */
	get replyTo(): Recipient | null {
		return (this.#key === REPLY ? this.#recipient : undefined) ?? this.#lastSender ?? null;
	}

	/** The member of this name whom the user means; undefined if nobody here is called so. */
	find(name: string): Recipient | undefined {
		const meant = this.#key === name.toLowerCase() ? this.#recipient : undefined;
		return meant ?? this.#visits.find(name);
	}

	/** The line being typed has changed. */
	drafting(typed: string): void {
		const { audience, target } = parseLine(typed);
		const key = audience === "sender" ? REPLY : target.toLowerCase();
		if (key === this.#key && this.#recipient) return;
		this.#key = key;
		this.#recipient = key === REPLY ? this.#lastSender : this.#visits.find(target);
	}

	/** A member of this name has sent us a private message. */
	wroteToUs(name: string): void {
		this.#lastSender = this.#visits.find(name) ?? { name, visit: UNKNOWN };
	}
}

/** Without the address, which nobody needs to go on. */
const inVisit = ({ name, visit }: Recipient): Recipient => ({ name, visit });
