import type { Writable } from "node:stream";
import type { ReadStream } from "node:tty";
import { confirm, intro, isCancel, log, outro, password, spinner, text } from "@clack/prompts";
import { addressField, nameField } from "../wire/messages.ts";
import { type Place, placeOf } from "../wire/place.ts";
import { aborted } from "./abort.ts";
import { type Credentials, Denied } from "./enter.ts";
import type { Membership } from "./membership.ts";
import type { Fingerprint } from "./trust.ts";

/** What need not be asked for, or is offered. */
export type Known = Record<"name" | "email", string | undefined>;

/** The page on which somebody logs in. */
export interface LoginPage {
	/** Whether the server with this certificate is the right one, for all that the person knows. */
	trusts(fingerprint: Fingerprint): Promise<boolean>;
	/** Asks for what is not `known`; null when the person gives up. */
	ask(known: Known, offered: Known): Promise<Credentials | null>;
	/** The server is asking Gmail. */
	wait(): void;
	accepted(name: string): void;
	/** Back to the page, with the reason. */
	refused(reason: string): void;
}

export const APP_PASSWORDS = "https://myaccount.google.com/apppasswords";
export const ADVICE = `Encrypted between you and the server, which reads what you say.
Gmail takes an app password here: ${APP_PASSWORDS}`;

/** What a person must know to answer whether to trust a server. */
export const unvouched = (fingerprint: Fingerprint): string =>
	`Nobody vouches for this server. Its fingerprint is
${fingerprint}
Ask its owner: if theirs is another, somebody pretends to be it.`;
export const TRUST = "Is that the owner's fingerprint?";

const NOTHING: Known = { name: undefined, email: undefined };

/** The page again and again until somebody is let in; null when the person gives up. */
export async function logIn(
	page: LoginPage,
	enter: (credentials: Credentials) => Promise<Membership>,
	known: Known,
	offered: Known,
	signal: AbortSignal,
): Promise<Membership | null> {
	const end = aborted(signal);
	for (;;) {
		const credentials = await Promise.race([page.ask(known, offered), end]);
		if (credentials === null) return null;
		page.wait();
		try {
			const member = await Promise.race([enter(credentials), end]);
			if (member === null) return null;
			page.accepted(credentials.name);
			return member;
		} catch (error) {
			page.refused(error instanceof Error ? error.message : String(error));
			if (!(error instanceof Denied)) throw error;
			// Whatever was wrong may be in what was given by flag: all is asked for again.
			known = NOTHING;
			offered = credentials;
		}
	}
}

/** What a person types for a field, or why it will not do. */
export const fieldOf = {
	name: (typed: string) => (nameField.is(typed) ? null : `A name is ${nameField.expected}`),
	email: (typed: string) =>
		addressField.is(typed) ? null : `This must be ${addressField.expected}`,
	password: (typed: string) => (typed === "" ? `Make an app password at ${APP_PASSWORDS}` : null),
};

/** The page as prompts that can be walked through and corrected while typing. */
export function clackPage(
	{ address }: { address: Place },
	{ input, output, signal }: { input: ReadStream; output: Writable; signal: AbortSignal },
): LoginPage {
	const streams = { input, output, signal };
	const waiting = spinner({ output, signal });
	intro(`fernet-chat at ${placeOf(address)}`, streams);
	log.message(ADVICE, streams);

	const field = async (name: "name" | "email", message: string, initialValue = "") => {
		const validate = (typed = "") => fieldOf[name](typed.trim()) ?? undefined;
		const typed = await text({ ...streams, message, initialValue, validate });
		return isCancel(typed) ? null : typed.trim();
	};

	return {
		async trusts(fingerprint) {
			log.warn(unvouched(fingerprint), streams);
			const answer = await confirm({ ...streams, message: TRUST, initialValue: false });
			return answer === true;
		},
		async ask(known, offered) {
			const name = known.name ?? (await field("name", "User name", offered.name));
			if (name === null) return null;
			const email = known.email ?? (await field("email", "Gmail address", offered.email));
			if (email === null) return null;
			const secret = await password({
				...streams,
				message: "App password",
				validate: (typed = "") => fieldOf.password(typed) ?? undefined,
			});
			return isCancel(secret) ? null : { name, email, password: secret };
		},
		wait: () => waiting.start("Asking Gmail"),
		accepted(name) {
			waiting.stop("Gmail says yes");
			outro(`Welcome, ${name}`, streams);
		},
		refused: (reason) => waiting.error(reason),
	};
}
