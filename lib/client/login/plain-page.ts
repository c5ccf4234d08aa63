import { createInterface } from "node:readline/promises";
import { formatHostPort } from "../../util/host-port.ts";
import { JobControl, type TerminalUser } from "../keyboard/job-control.ts";
import { textOf } from "../keyboard/key-decoder.ts";
import { Keyboard } from "../keyboard/keyboard.ts";
import type { ConfirmFingerprint } from "../net/verify-server.ts";
import { markLines } from "../util/line-mark.ts";
import { askInTurn } from "./ask-in-turn.ts";
import {
	advice,
	FINGERPRINT_QUESTION,
	fieldFaults,
	fieldLabels,
	passwordFault,
	passwordMethod,
	passwordToSend,
	REMEMBER_QUESTION,
	unknownServerNotice,
	visibleIn,
} from "./login-fields.ts";
import {
	type Answer,
	BACK,
	type InteractiveMethod,
	type LoginDefaults,
	type LoginField,
	type LoginPage,
	type LoginSetting,
	type LoginStreams,
	type UserIdentity,
} from "./login-page.ts";

type Streams = Omit<LoginStreams, "signal">;

const YES = /^\s*y(es)?\s*$/i;

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
		return YES.test(answer ?? "");
	};

/** The login page as lines of questions and answers, without control sequences. */
export function openLoginPage(setting: LoginSetting, streams: Streams): LoginPage {
	const title = `fernet-chat at ${formatHostPort(setting.endpoint)}`;
	streams.output.write(`${markLines(`${title}\n${advice(setting)}`)}\n`);
	return new PlainPage(streams, setting);
}

class PlainPage implements LoginPage {
	readonly #streams: Streams;
	readonly #verifier: string;
	readonly #labels: ReturnType<typeof fieldLabels>;

	constructor(streams: Streams, setting: LoginSetting) {
		this.#streams = streams;
		this.#verifier = setting.verifier;
		this.#labels = fieldLabels(setting);
	}

	askIdentity(known: LoginDefaults, offered: LoginDefaults): Promise<UserIdentity | null> {
		return askInTurn((field, value) => this.#ask(field, value), known, offered);
	}

	async askCode(): Answer<string> {
		const typed = await this.#ask("code");
		return typed === "" ? BACK : typed;
	}

	async #ask(field: LoginField, offered = ""): Promise<string | null> {
		const label = this.#labels[field];
		for (;;) {
			const typed = await this.#line(offered === "" ? label : `${label} (${offered})`);
			if (typed === null) return null;
			const value = visibleIn(typed) || offered;
			const fault = fieldFaults[field](value);
			if (fault === null) return value;
			this.#print(fault);
		}
	}

	async chooseMethod(): Promise<InteractiveMethod | null> {
		for (;;) {
			const typed = await this.#line(
				`Log in with a code by mail or ${passwordMethod(this.#verifier)}? Type "code" or "password" (code)`,
			);
			if (typed === null) return null;
			const word = typed.trim().toLowerCase() || "code";
			if (word === "code" || word === "password") return word;
			this.#print('Type "code" or "password".');
		}
	}

	async askPassword(): Promise<string | null> {
		for (;;) {
			const password = await hiddenLine(this.#labels.password, this.#streams);
			if (password === null) return null;
			const fault = passwordFault(password, this.#verifier);
			if (fault === null) return passwordToSend(password, this.#verifier);
			this.#print(fault);
		}
	}

	async askToRemember(): Promise<boolean | null> {
		const typed = await lineAfter(`${REMEMBER_QUESTION} [y/N] `, this.#streams);
		return typed === null ? null : YES.test(typed);
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

/** Characters of a password that are kept: one more than there may be, so that none is cut short. */
const MAX_KEPT = 257;

/**
 * Reads a line in raw mode, because then the terminal echoes nothing. Null when the user gives up
 * with Ctrl-C or Ctrl-D.
 */
async function hiddenLine(
	label: string,
	{ input, output, signals }: Streams,
): Promise<string | null> {
	const { promise, resolve } = Promise.withResolvers<string | null>();
	let typed = "";
	const keyboard = new Keyboard(input, (keys) => {
		for (const key of keys) {
			if (key.type !== "key") {
				// A newline copied with a password is no part of it; every blank is.
				typed = (typed + textOf(key).replace(/[\r\n]+$/, "")).slice(0, MAX_KEPT);
				continue;
			}
			if (key.name === "enter") return resolve(typed);
			if (key.name === "ctrl-c" || key.name === "ctrl-d") return resolve(null);
			if (key.name === "ctrl-z") jobs.suspend();
			if (key.name === "ctrl-u") typed = "";
			if (key.name === "backspace") typed = [...typed].slice(0, -1).join("");
		}
	});
	const terminal: TerminalUser = {
		take: () => {
			// Before the prompt, so that not even a fast typist's first key is echoed.
			keyboard.take();
			output.write(markLines(`${label} (hidden as you type): `));
		},
		release: () => {
			keyboard.release();
			output.write("\n");
		},
	};
	// In the background this waits: only then does going on mean that somebody has stopped us.
	terminal.take();
	using jobs = new JobControl(signals, terminal);
	try {
		return await promise;
	} finally {
		terminal.release();
	}
}
