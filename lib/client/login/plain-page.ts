import { createInterface } from "node:readline/promises";
import { formatHostPort } from "../../util/host-port.ts";
import type { ConfirmFingerprint } from "../net/verify-server.ts";
import { markLines } from "../util/line-mark.ts";
import {
	advice,
	FIELD_LABELS,
	FINGERPRINT_QUESTION,
	fieldFaults,
	unknownServerNotice,
} from "./login-fields.ts";
import type {
	InteractiveMethod,
	LoginField,
	LoginPage,
	LoginSetting,
	LoginStreams,
} from "./login-page.ts";

type Streams = Pick<LoginStreams, "input" | "output">;

/** Writes a question and resolves to the line that follows; null at the end of input. */
async function lineAfter(question: string, { input, output }: Streams): Promise<string | null> {
	const lines = createInterface({ input, terminal: false });
	output.write(markLines(question));
	const { promise, resolve } = Promise.withResolvers<string | null>();
	lines.once("line", resolve);
	lines.once("close", () => resolve(null));
	const answer = await promise;
	lines.close();
	return answer;
}

export const confirmFingerprint =
	(streams: Streams): ConfirmFingerprint =>
	async (unknown) => {
		streams.output.write(`${markLines(unknownServerNotice(unknown))}\n`);
		const answer = await lineAfter(`${FINGERPRINT_QUESTION} (yes or no): `, streams);
		return /^\s*y(es)?\s*$/i.test(answer ?? "");
	};

/** The login page as lines of questions and answers, without control sequences. */
export function openLoginPage({ endpoint, ...setting }: LoginSetting, streams: Streams): LoginPage {
	const title = `fernet-chat at ${formatHostPort(endpoint)}`;
	streams.output.write(`${markLines(`${title}\n${advice(setting)}`)}\n`);
	return new PlainPage(streams);
}

class PlainPage implements LoginPage {
	readonly #streams: Streams;

	constructor(streams: Streams) {
		this.#streams = streams;
	}

	async ask(field: LoginField, offered = ""): Promise<string | null> {
		const label = FIELD_LABELS[field];
		for (;;) {
			const typed = await this.#line(offered === "" ? label : `${label} (${offered})`);
			if (typed === null) return null;
			const value = typed.trim() || offered;
			const fault = fieldFaults[field](value);
			if (fault === null) return value;
			this.#print(fault);
		}
	}

	async chooseMethod(): Promise<InteractiveMethod | null> {
		for (;;) {
			const typed = await this.#line(
				'Log in with a code by mail or an app password? Type "code" or "password" (code)',
			);
			if (typed === null) return null;
			const word = typed.trim().toLowerCase() || "code";
			if (word === "code" || word === "password") return word;
			this.#print('Type "code" or "password".');
		}
	}

	async askPassword(): Promise<string | null> {
		for (;;) {
			const password = await hiddenLine(this.#streams);
			if (password === null) return null;
			const fault = fieldFaults.password(password);
			if (fault === null) return password;
			this.#print(fault);
		}
	}

	start(step: string): void {
		this.#print(step);
	}

	succeed(result: string): void {
		this.#print(result);
	}

	fail(reason: string): void {
		this.#print(reason);
	}

	welcome(name: string): void {
		this.#print(`Welcome, ${name}.`);
	}

	#line(question: string): Promise<string | null> {
		return lineAfter(`${question}: `, this.#streams);
	}

	#print(line: string): void {
		this.#streams.output.write(`${markLines(line)}\n`);
	}
}

/** Characters of a password that are kept; the wire takes no more. */
const MAX_PASSWORD = 256;

/**
 * Reads a line in raw mode, because then the terminal echoes nothing. Null when the user gives up
 * with Ctrl-C or Ctrl-D.
 */
async function hiddenLine({ input, output }: Streams): Promise<string | null> {
	// Before the prompt, so that not even a fast typist's first key is echoed.
	input.setRawMode(true);
	output.write(markLines("App password (hidden as you type): "));
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
