import { confirm, intro, log, outro, password, select, text } from "@clack/prompts";
import { formatHostPort } from "../../util/host-port.ts";
import type { ConfirmFingerprint } from "../net/verify-server.ts";
import { LINE_MARK } from "../util/line-mark.ts";
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
import type {
	InteractiveMethod,
	LoginField,
	LoginPage,
	LoginSetting,
	LoginStreams,
} from "./login-page.ts";
import { question } from "./questions.ts";
import { WaitingLine } from "./waiting-line.ts";

/** Begins, instead of with clack's symbols, lines in which words of the server stand. */
const MARKED = { symbol: LINE_MARK, secondarySymbol: LINE_MARK, spacing: 0 };

export const confirmFingerprint =
	(streams: LoginStreams): ConfirmFingerprint =>
	async (unknown) => {
		log.warn(unknownServerNotice(unknown), streams);
		const message = FINGERPRINT_QUESTION;
		const ask = (prompt: object) => confirm({ ...prompt, message, initialValue: false });
		return (await question(streams, ask)) === true;
	};

/** The login page as clack prompts, which the user can edit and which check what is typed. */
export function openLoginPage(setting: LoginSetting, streams: LoginStreams): LoginPage {
	const { output } = streams;
	intro(`fernet-chat at ${formatHostPort(setting.endpoint)}`, { output });
	log.message(advice(setting), { output, ...MARKED });
	return new ClackPage(streams, setting);
}

class ClackPage implements LoginPage {
	readonly #streams: LoginStreams;
	readonly #verifier: string;
	readonly #labels: ReturnType<typeof fieldLabels>;
	#waiting: WaitingLine | undefined;

	constructor(streams: LoginStreams, setting: LoginSetting) {
		this.#streams = streams;
		this.#verifier = setting.verifier;
		this.#labels = fieldLabels(setting);
	}

	async ask(field: LoginField, initialValue = ""): Promise<string | null> {
		const validate = (typed = "") => fieldFaults[field](visibleIn(typed)) ?? undefined;
		const message = this.#labels[field];
		const typed = await question(this.#streams, (prompt) =>
			text({ ...prompt, message, initialValue, validate }),
		);
		// An empty answer has no value at all.
		return typed === null ? null : visibleIn(typed ?? "");
	}

	chooseMethod(): Promise<InteractiveMethod | null> {
		const label = passwordMethod(this.#verifier).replace(/^a/, "A");
		return question(this.#streams, (prompt) =>
			select<InteractiveMethod>({
				...prompt,
				message: "How do you want to log in?",
				options: [
					{ value: "code", label: "A code by mail" },
					{ value: "password", label },
				],
			}),
		);
	}

	async askPassword(): Promise<string | null> {
		const message = this.#labels.password;
		const validate = (typed = "") => passwordFault(typed, this.#verifier) ?? undefined;
		const secret = await question(this.#streams, (prompt) =>
			password({ ...prompt, message, validate }),
		);
		return secret === null ? null : passwordToSend(secret, this.#verifier);
	}

	askToRemember(): Promise<boolean | null> {
		const message = REMEMBER_QUESTION;
		return question(this.#streams, (prompt) =>
			confirm({ ...prompt, message, initialValue: false }),
		);
	}

	start(step: string): void {
		this.#waiting = new WaitingLine(this.#streams, step);
	}

	succeed(result: string): void {
		this.#endWaiting();
		log.step(result, { output: this.#streams.output });
	}

	fail(reason: string): void {
		this.#endWaiting();
		log.message(`!! ${reason}`, { output: this.#streams.output, ...MARKED });
	}

	welcome(name: string): void {
		outro(`Welcome, ${name}.`, { output: this.#streams.output });
	}

	#endWaiting(): void {
		this.#waiting?.[Symbol.dispose]();
		this.#waiting = undefined;
	}
}
