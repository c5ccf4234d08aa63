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
import { formatHostPort } from "../../util/host-port.ts";
import type { ConfirmFingerprint } from "../net/verify-server.ts";
import { LINE_MARK } from "../util/line-mark.ts";
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

/** Begins, instead of with clack's symbols, lines in which words of the server stand. */
const MARKED = { symbol: LINE_MARK, secondarySymbol: LINE_MARK, spacing: 0 };

export const confirmFingerprint =
	({ input, output, signal }: LoginStreams): ConfirmFingerprint =>
	async (unknown) => {
		const streams = { input, output, signal };
		log.warn(unknownServerNotice(unknown), streams);
		const message = FINGERPRINT_QUESTION;
		return (await confirm({ ...streams, message, initialValue: false })) === true;
	};

/** The login page as clack prompts, which the user can edit and which check what is typed. */
export function openLoginPage(
	{ endpoint, ...setting }: LoginSetting,
	{ input, output, signal }: LoginStreams,
): LoginPage {
	const streams = { input, output, signal };
	intro(`fernet-chat at ${formatHostPort(endpoint)}`, streams);
	log.message(advice(setting), { ...streams, ...MARKED });
	return new ClackPage(streams);
}

class ClackPage implements LoginPage {
	readonly #streams: LoginStreams;
	readonly #spinner: ReturnType<typeof spinner>;

	constructor(streams: LoginStreams) {
		this.#streams = streams;
		// Without the input: a spinner that has it swallows the keys typed meanwhile.
		this.#spinner = spinner({ output: streams.output, signal: streams.signal });
	}

	async ask(field: LoginField, initialValue = ""): Promise<string | null> {
		const validate = (typed = "") => fieldFaults[field](typed.trim()) ?? undefined;
		const message = FIELD_LABELS[field];
		const typed = await text({ ...this.#streams, message, initialValue, validate });
		return isCancel(typed) ? null : typed.trim();
	}

	async chooseMethod(): Promise<InteractiveMethod | null> {
		const choice = await select<InteractiveMethod>({
			...this.#streams,
			message: "How do you want to log in?",
			options: [
				{ value: "code", label: "A code by mail" },
				{ value: "password", label: "An app password" },
			],
		});
		return isCancel(choice) ? null : choice;
	}

	async askPassword(): Promise<string | null> {
		const validate = (typed = "") => fieldFaults.password(typed) ?? undefined;
		const secret = await password({ ...this.#streams, message: "App password", validate });
		return isCancel(secret) ? null : secret;
	}

	start(step: string): void {
		this.#spinner.start(step);
	}

	succeed(result: string): void {
		this.#spinner.stop(result);
	}

	fail(reason: string): void {
		this.#spinner.clear();
		log.message(`!! ${reason}`, { ...this.#streams, ...MARKED });
	}

	welcome(name: string): void {
		outro(`Welcome, ${name}.`, this.#streams);
	}
}
