import { reasonOf } from "../../util/errors.ts";
import { type Credentials, Denied } from "../net/join.ts";
import type { Membership } from "../net/membership.ts";
import { aborted } from "../util/abort.ts";

/** What need not be asked for, or is offered. */
export type Known = Record<"name" | "email", string | undefined>;
/** Who somebody says they are. */
export type Who = Record<"name" | "email", string>;

/** What a person may choose from; a token is for programs. */
export type Choice = "code" | "password";

/** The page on which somebody logs in. Whatever it asks is null when the person gives up. */
export interface LoginPage {
	/** Asks for what is not `known`. */
	who(known: Known, offered: Known): Promise<Who | null>;
	/** How to prove it, where there is a choice. */
	choose(): Promise<Choice | null>;
	password(): Promise<string | null>;
	/** The six digits of a mail; empty to go back. */
	code(): Promise<string | null>;
	/** Something is waited for. */
	wait(what: string): void;
	/** It has come about. */
	done(what: string): void;
	welcome(name: string): void;
	/** It has not, for a reason. */
	refused(reason: string): void;
}

/** What the page needs of the server. They throw Denied, Dismissed or Unreachable. */
export interface Desk {
	/** What the person may choose from. */
	readonly choices: readonly Choice[];
	/** Has a code mailed; gives the ticket to present it with. */
	mailCode(email: string): Promise<string>;
	enter(credentials: Credentials): Promise<Membership>;
}

/** The person wants the page's start: the address was mistyped, perhaps, or no mail comes. */
const BACK = "back";
const NOTHING: Known = { name: undefined, email: undefined };

/** The page again and again until somebody is let in; null when the person gives up. */
export async function signIn(
	page: LoginPage,
	desk: Desk,
	known: Known,
	offered: Known,
	signal: AbortSignal,
): Promise<Membership | null> {
	const end = aborted(signal);
	const orEnd = <T>(step: Promise<T>): Promise<T | null> => Promise.race([step, end]);
	for (;;) {
		const who = await orEnd(page.who(known, offered));
		if (who === null) return null;
		try {
			const choice = desk.choices.length > 1 ? await orEnd(page.choose()) : desk.choices[0];
			if (!choice) return null;
			const prove = choice === "code" ? byCode : byPassword;
			const member = await prove(page, desk, who, orEnd);
			if (member !== BACK) {
				if (member) page.welcome(who.name);
				return member;
			}
		} catch (error) {
			page.refused(reasonOf(error));
			if (!(error instanceof Denied)) throw error;
		}
		// Whatever was wrong, name, address or proof, may be corrected now.
		known = NOTHING;
		offered = who;
	}
}

/** Gives up on a step when the program is told to end. */
type OrEnd = <T>(step: Promise<T>) => Promise<T | null>;

async function byPassword(
	page: LoginPage,
	desk: Desk,
	who: Who,
	orEnd: OrEnd,
): Promise<Membership | null> {
	const password = await orEnd(page.password());
	if (password === null) return null;
	page.wait("Asking Gmail");
	const member = await orEnd(desk.enter({ ...who, password }));
	if (member) page.done("Gmail says yes");
	return member;
}

/** A wrong code is asked for again, for as long as the server says that it may be tried. */
async function byCode(
	page: LoginPage,
	desk: Desk,
	who: Who,
	orEnd: OrEnd,
): Promise<Membership | typeof BACK | null> {
	page.wait("Asking for a code");
	const ticket = await orEnd(desk.mailCode(who.email));
	if (ticket === null) return null;
	page.done(`A code is on its way to ${who.email}, if it may come in here`);
	for (;;) {
		const code = await orEnd(page.code());
		if (code === null) return null;
		if (code === "") return BACK;
		page.wait("Checking the code");
		try {
			const member = await orEnd(desk.enter({ ...who, ticket, code }));
			if (member) page.done("The code is right");
			return member;
		} catch (error) {
			if (!(error instanceof Denied) || error.code !== "wrong_code") throw error;
			page.refused(error.message);
		}
	}
}
