import type { Writable } from "node:stream";
import type { ReadStream } from "node:tty";
import {
	confirm,
	intro,
	isCancel,
	log,
	outro,
	password,
	select,
	spinner,
	text,
} from "@clack/prompts";
import { type Place, placeOf } from "../../util/host-port.ts";
import { addressField, codeField, nameField } from "../../wire/messages.ts";
import type { Vouch } from "../net/verify-server.ts";
import type { Choice, LoginPage } from "./login-flow.ts";

export const APP_PASSWORDS = "https://myaccount.google.com/apppasswords";

/** What to know before logging in. */
export function advice(choices: readonly Choice[]): string {
	const privacy = "Encrypted between you and the server, which reads what you say.";
	if (!choices.includes("password")) return privacy;
	return `${privacy}\nGmail takes an app password here: ${APP_PASSWORDS}`;
}

export const CODE = "Code in the mail (nothing: back to the start)";

/** A code as it was typed or pasted. */
export const digitsOf = (typed: string): string => typed.replaceAll(/\s/g, "");

/** What a person types for a field, or why it will not do. */
export const fieldOf = {
	name: (typed: string) => (nameField.is(typed) ? null : `A name is ${nameField.expected}`),
	email: (typed: string) =>
		addressField.is(typed) ? null : `This must be ${addressField.expected}`,
	password: (typed: string) => (typed === "" ? `Make an app password at ${APP_PASSWORDS}` : null),
	code: (typed: string) =>
		typed === "" || codeField.is(digitsOf(typed)) ? null : `A code is ${codeField.expected}`,
};

interface Streams {
	readonly input: ReadStream;
	readonly output: Writable;
	readonly signal: AbortSignal;
}

/** What a person must know to say whether a server is the right one. */
export const unvouched = (place: Place, fingerprint: string): string =>
	`Nobody vouches for the server at ${placeOf(place)}. Its fingerprint is
${fingerprint}
Ask its owner: if theirs is another, somebody pretends to be it.`;
export const VOUCH = "Is that the owner's fingerprint?";

export const clackVouch =
	(streams: Streams): Vouch =>
	async (place, fingerprint) => {
		log.warn(unvouched(place, fingerprint), streams);
		return (await confirm({ ...streams, message: VOUCH, initialValue: false })) === true;
	};

/** The page as prompts that can be walked through and corrected while typing. */
export function clackPage(
	{ address, choices }: { address: Place; choices: readonly Choice[] },
	{ input, output, signal }: Streams,
): LoginPage {
	const streams = { input, output, signal };
	const waiting = spinner({ output, signal });
	intro(`fernet-chat at ${placeOf(address)}`, streams);
	log.message(advice(choices), streams);

	const field = async (
		name: "name" | "email" | "code",
		message: string,
		initialValue = "",
	): Promise<string | null> => {
		const validate = (typed = "") => fieldOf[name](typed.trim()) ?? undefined;
		const typed = await text({ ...streams, message, initialValue, validate });
		return isCancel(typed) ? null : typed.trim();
	};

	return {
		async who(known, offered) {
			const name = known.name ?? (await field("name", "User name", offered.name));
			if (name === null) return null;
			const email = known.email ?? (await field("email", "Gmail address", offered.email));
			return email === null ? null : { name, email };
		},
		async choose() {
			const choice = await select<Choice>({
				...streams,
				message: "Log in with",
				options: [
					{ value: "code", label: "A code by mail" },
					{ value: "password", label: "App password" },
				],
			});
			return isCancel(choice) ? null : choice;
		},
		async password() {
			const validate = (typed = "") => fieldOf.password(typed) ?? undefined;
			const secret = await password({ ...streams, message: "App password", validate });
			return isCancel(secret) ? null : secret;
		},
		async code() {
			const typed = await field("code", CODE);
			return typed === null ? null : digitsOf(typed);
		},
		wait: (what) => waiting.start(what),
		done: (what) => waiting.stop(what),
		welcome: (name) => outro(`Welcome, ${name}`, streams),
		refused: (reason) => waiting.error(reason),
	};
}
