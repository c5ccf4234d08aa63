import { createInterface } from "node:readline/promises";
import type { Writable } from "node:stream";
import type { ReadStream } from "node:tty";
import { formatHostPort, type HostPort } from "../../util/host-port.ts";
import type { ConfirmFingerprint } from "../net/verify-server.ts";
import {
	advice,
	CODE_PROMPT,
	compactCode,
	FINGERPRINT_QUESTION,
	fieldFaults,
	unknownServerNotice,
} from "./clack-page.ts";
import type { LoginPage, PersonMethod } from "./login-flow.ts";

interface Streams {
	readonly input: ReadStream;
	readonly output: Writable;
}

/** One line of input; null at the end of it. */
async function lineAfter(question: string, { input, output }: Streams): Promise<string | null> {
	const lines = createInterface({ input, terminal: false });
	output.write(question);
	const { promise, resolve } = Promise.withResolvers<string | null>();
	lines.once("line", resolve);
	lines.once("close", () => resolve(null));
	const answer = await promise;
	lines.close();
	return answer;
}

export const plainConfirmFingerprint =
	(streams: Streams): ConfirmFingerprint =>
	async (place, fingerprint) => {
		streams.output.write(`${unknownServerNotice(place, fingerprint)}\n`);
		const answer = await lineAfter(`${FINGERPRINT_QUESTION} (yes or no): `, streams);
		return /^\s*y(es)?\s*$/i.test(answer ?? "");
	};

/** The login page as questions and answers, without a control sequence. */
export function plainPage(
	{ address, choices: methods }: { address: HostPort; choices: readonly PersonMethod[] },
	streams: Streams,
): LoginPage {
	const { input, output } = streams;
	const say = (text: string): void => void output.write(`${text}\n`);
	const line = (question: string): Promise<string | null> => lineAfter(question, streams);
	say(`fernet-chat at ${formatHostPort(address)}\n${advice(methods)}`);

	async function field(name: "name" | "email" | "code", label: string, offered?: string) {
		for (;;) {
			const typed = await line(offered ? `${label} (${offered}): ` : `${label}: `);
			if (typed === null) return null;
			const value = typed.trim() || (offered ?? "");
			const fault = fieldFaults[name](value);
			if (fault === null) return value;
			say(fault);
		}
	}

	return {
		async identity(known, offered) {
			const name = known.name ?? (await field("name", "User name", offered.name));
			if (name === null) return null;
			const email = known.email ?? (await field("email", "Gmail address", offered.email));
			return email === null ? null : { name, email };
		},
		async method() {
			for (;;) {
				const typed = await line("Log in with a code by mail or an app password? (code): ");
				if (typed === null) return null;
				const word = typed.trim().toLowerCase() || "code";
				if (word === "code" || word === "password") return word;
				say('Answer "code" or "password"');
			}
		},
		async password() {
			for (;;) {
				const password = await hiddenLine(input, output);
				if (password === null) return null;
				const fault = fieldFaults.password(password);
				if (fault === null) return password;
				say(fault);
			}
		},
		async code() {
			const typed = await field("code", CODE_PROMPT);
			return typed === null ? null : compactCode(typed);
		},
		wait: say,
		done: say,
		welcome: (name) => say(`Welcome, ${name}`),
		refused: say,
	};
}

/** Characters of a password; the wire takes no more. */
const MAX_PASSWORD = 256;

/** A line that is not echoed: raw mode, because then the terminal echoes nothing. */
async function hiddenLine(input: ReadStream, output: Writable): Promise<string | null> {
	// First of all, so that not even the first key of a quick typist is echoed.
	input.setRawMode(true);
	output.write("App password (not shown): ");
	input.setEncoding("utf8");
	input.resume();
	const { promise, resolve } = Promise.withResolvers<string | null>();
	let typed = "";
	const read = (chunk: string): void => {
		for (const character of chunk) {
			if (character === "\r" || character === "\n") return resolve(typed);
			if (character === "\x03" || character === "\x04") return resolve(null);
			if (character === "\x7f" || character === "\b") typed = typed.slice(0, -1);
			else if (typed.length < MAX_PASSWORD) typed += character;
		}
	};
	input.on("data", read);
	try {
		return await promise;
	} finally {
		input.off("data", read);
		input.setRawMode(false);
		input.pause();
		output.write("\n");
	}
}
