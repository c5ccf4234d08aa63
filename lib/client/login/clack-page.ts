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
import { formatHostPort, type HostPort } from "../../util/host-port.ts";
import { codeField, emailField, nameField } from "../../wire/messages.ts";
import type { ConfirmFingerprint } from "../net/verify-server.ts";
import type { LoginPage, PersonMethod } from "./login-flow.ts";

export const APP_PASSWORDS = "https://myaccount.google.com/apppasswords";

/** What to know before logging in. */
export function advice(methods: readonly PersonMethod[]): string {
	const privacy = "Encrypted between you and the server, which reads what you say.";
	if (!methods.includes("password")) return privacy;
	return `${privacy}\nGmail takes an app password here: ${APP_PASSWORDS}`;
}

export const CODE_PROMPT = "Code in the mail (nothing: back to the start)";

/** A code as it was typed or pasted. */
export const compactCode = (typed: string): string => typed.replaceAll(/\s/g, "");

/** What a person types for a field, or why it will not do. */
export const fieldFaults = {
	name: (typed: string) => (nameField.is(typed) ? null : `A name is ${nameField.expected}`),
	email: (typed: string) => (emailField.is(typed) ? null : `This must be ${emailField.expected}`),
	password: (typed: string) => (typed === "" ? `Make an app password at ${APP_PASSWORDS}` : null),
	code: (typed: string) =>
		typed === "" || codeField.is(compactCode(typed)) ? null : `A code is ${codeField.expected}`,
};

interface Streams {
	readonly input: ReadStream;
	readonly output: Writable;
	readonly signal: AbortSignal;
}

/** What a person must know to say whether a server is the right one. */
export const unknownServerNotice = (place: HostPort, fingerprint: string): string =>
	`Nobody vouches for the server at ${formatHostPort(place)}. Its fingerprint is
${fingerprint}
Ask its owner: if theirs is another, somebody pretends to be it.`;
export const FINGERPRINT_QUESTION = "Is that the owner's fingerprint?";

export const clackConfirmFingerprint =
	(streams: Streams): ConfirmFingerprint =>
	async (place, fingerprint) => {
		log.warn(unknownServerNotice(place, fingerprint), streams);
		return (
			(await confirm({ ...streams, message: FINGERPRINT_QUESTION, initialValue: false })) === true
		);
	};

/** The page as prompts that can be walked through and corrected while typing. */
export function clackPage(
	{ address, choices: methods }: { address: HostPort; choices: readonly PersonMethod[] },
	{ input, output, signal }: Streams,
): LoginPage {
	const streams = { input, output, signal };
	const waiting = spinner({ output, signal });
	intro(`fernet-chat at ${formatHostPort(address)}`, streams);
	log.message(advice(methods), streams);

	const field = async (
		name: "name" | "email" | "code",
		message: string,
		initialValue = "",
	): Promise<string | null> => {
		const validate = (typed = "") => fieldFaults[name](typed.trim()) ?? undefined;
		const typed = await text({ ...streams, message, initialValue, validate });
		return isCancel(typed) ? null : typed.trim();
	};

	return {
		async identity(known, offered) {
			const name = known.name ?? (await field("name", "User name", offered.name));
			if (name === null) return null;
			const email = known.email ?? (await field("email", "Gmail address", offered.email));
			return email === null ? null : { name, email };
		},
		async method() {
			const choice = await select<PersonMethod>({
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
			const validate = (typed = "") => fieldFaults.password(typed) ?? undefined;
			const secret = await password({ ...streams, message: "App password", validate });
			return isCancel(secret) ? null : secret;
		},
		async code() {
			const typed = await field("code", CODE_PROMPT);
			return typed === null ? null : compactCode(typed);
		},
		wait: (what) => waiting.start(what),
		done: (what) => waiting.stop(what),
		welcome: (name) => outro(`Welcome, ${name}`, streams),
		refused: (reason) => waiting.error(reason),
	};
}
