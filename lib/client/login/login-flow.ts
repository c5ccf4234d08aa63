import { errorMessage } from "../../util/errors.ts";
import { hasCode } from "../../wire/reason.ts";
import { type Credentials, LoginDenied } from "../net/join.ts";
import type { Membership } from "../net/membership.ts";
import { aborted } from "../util/abort.ts";
import { compactCode } from "./login-fields.ts";
import type { InteractiveMethod, LoginPage } from "./login-page.ts";

/** What need not be asked for, or is offered. */
export type LoginDefaults = Record<"name" | "email", string | undefined>;
/** Who somebody says they are. */
export type UserIdentity = Record<"name" | "email", string>;

/** What the page needs of the server. They throw LoginDenied, ClosedByServer or Unreachable. */
export interface LoginService {
	/** What the person may choose from. */
	readonly methods: readonly InteractiveMethod[];
	/** The server mails a code; resolves to the ticket to present it with. */
	requestCode(email: string): Promise<string>;
	join(credentials: Credentials): Promise<Membership>;
}

/** The person wants the page's start: the address was mistyped, perhaps, or no mail comes. */
const BACK = "back";
const NOTHING: LoginDefaults = { name: undefined, email: undefined };

/** The page again and again until somebody is let in; null when the person gives up. */
export async function logIn(
	page: LoginPage,
	service: LoginService,
	known: LoginDefaults,
	offered: LoginDefaults,
	signal: AbortSignal,
): Promise<Membership | null> {
	const end = aborted(signal);
	const orEnd = <T>(step: Promise<T>): Promise<T | null> => Promise.race([step, end]);
	for (;;) {
		const identity = await orEnd(askIdentity(page, known, offered));
		if (identity === null) return null;
		try {
			const method =
				service.methods.length > 1 ? await orEnd(page.chooseMethod()) : service.methods[0];
			if (!method) return null;
			const prove = method === "code" ? logInByCode : logInByPassword;
			const member = await prove(page, service, identity, orEnd);
			if (member !== BACK) {
				if (member) page.welcome(identity.name);
				return member;
			}
		} catch (error) {
			page.fail(errorMessage(error));
			if (!(error instanceof LoginDenied)) throw error;
		}
		// Whatever was wrong, name, address or proof, may be corrected now.
		known = NOTHING;
		offered = identity;
	}
}

/** Asks for what is not `known`. */
async function askIdentity(
	page: LoginPage,
	known: LoginDefaults,
	offered: LoginDefaults,
): Promise<UserIdentity | null> {
	const name = known.name ?? (await page.ask("name", offered.name));
	if (name === null) return null;
	const email = known.email ?? (await page.ask("email", offered.email));
	return email === null ? null : { name, email };
}

/** Gives up on a step when the program is told to end. */
type OrEnd = <T>(step: Promise<T>) => Promise<T | null>;

async function logInByPassword(
	page: LoginPage,
	service: LoginService,
	identity: UserIdentity,
	orEnd: OrEnd,
): Promise<Membership | null> {
	const password = await orEnd(page.askPassword());
	if (password === null) return null;
	page.start("Asking Gmail");
	const member = await orEnd(service.join({ ...identity, password }));
	if (member) page.succeed("Gmail says yes");
	return member;
}

/** A wrong code is asked for again, for as long as the server says that it may be tried. */
async function logInByCode(
	page: LoginPage,
	service: LoginService,
	identity: UserIdentity,
	orEnd: OrEnd,
): Promise<Membership | typeof BACK | null> {
	page.start("Asking for a code");
	const ticket = await orEnd(service.requestCode(identity.email));
	if (ticket === null) return null;
	page.succeed(`A code is on its way to ${identity.email}, if it may come in here`);
	for (;;) {
		const typed = await orEnd(page.ask("code"));
		if (typed === null) return null;
		if (typed === "") return BACK;
		const code = compactCode(typed);
		page.start("Checking the code");
		try {
			const member = await orEnd(service.join({ ...identity, ticket, code }));
			if (member) page.succeed("The code is right");
			return member;
		} catch (error) {
			if (!(error instanceof LoginDenied) || !hasCode(error, "wrong_code")) throw error;
			page.fail(error.message);
		}
	}
}
