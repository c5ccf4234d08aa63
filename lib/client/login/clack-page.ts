import { confirm, intro, log, outro, password, select, text } from "@clack/prompts";
import { formatHostPort } from "../../util/host-port.ts";
import type { ConfirmFingerprint } from "../net/verify-server.ts";
import { LINE_MARK } from "../util/line-mark.ts";
import { askInTurn } from "./ask-in-turn.ts";
import { BAR, besideBar, NO_BAR } from "./bar.ts";
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
import { question } from "./questions.ts";
import { WaitingLine } from "./waiting-line.ts";

/** Begins lines in which words of the server stand with our mark, and their further rows with the bar. */
function logMarked(text: string, { output }: LoginStreams): void {
	for (const line of text.split("\n")) {
		log.message(besideBar(line, { output }), { output, symbol: LINE_MARK, spacing: 0 });
	}
}

export const confirmFingerprint =
	(streams: LoginStreams): ConfirmFingerprint =>
	async (unknown) => {
		log.warn(besideBar(unknownServerNotice(unknown), streams), streams);
		const message = FINGERPRINT_QUESTION;
		const ask = (prompt: object) => confirm({ ...prompt, message, initialValue: false });
		return (await question(streams, ask)) === true;
	};

/** The login page as clack prompts, which the user can edit and which check what is typed. */
export function openLoginPage(setting: LoginSetting, streams: LoginStreams): LoginPage {
	const { output } = streams;
	intro(besideBar(`fernet-chat at ${formatHostPort(setting.endpoint)}`, streams, BAR), { output });
	logMarked(advice(setting), streams);
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

	askIdentity(known: LoginDefaults, offered: LoginDefaults): Promise<UserIdentity | null> {
		return askInTurn((field, value) => this.#ask(field, value), known, offered);
	}

	async askCode(): Answer<string> {
		const typed = await this.#ask("code");
		return typed === "" ? BACK : typed;
	}

	async #ask(field: LoginField, initialValue = ""): Promise<string | null> {
		const validate = (typed = "") => this.#fault(fieldFaults[field](visibleIn(typed)));
		const label = this.#label(field);
		const typed = await question(this.#streams, (prompt) =>
			text(Object.assign(label, { ...prompt, initialValue, validate })),
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
		const validate = (typed = "") => this.#fault(passwordFault(typed, this.#verifier));
		const label = this.#label("password");
		const secret = await question(this.#streams, (prompt) =>
			password(Object.assign(label, { ...prompt, validate })),
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
		log.step(besideBar(result, this.#streams), { output: this.#streams.output });
	}

	fail(reason: string): void {
		this.#endWaiting();
		logMarked(`!! ${reason}`, this.#streams);
	}

	welcome(name: string): void {
		const { output } = this.#streams;
		outro(besideBar(`Welcome, ${name}.`, { output }, NO_BAR), { output });
	}

	/** What a field is called, in as many rows as it takes whenever clack draws it. */
	#label(field: LoginField | "password"): { readonly message: string } {
		const label = this.#labels[field];
		const streams = this.#streams;
		return {
			get message() {
				return besideBar(label, streams, BAR);
			},
		};
	}

	#fault(sentence: string | null): string | undefined {
		return sentence === null ? undefined : besideBar(sentence, this.#streams, NO_BAR);
	}

	#endWaiting(): void {
		this.#waiting?.[Symbol.dispose]();
		this.#waiting = undefined;
	}
}
