import { chat } from "../client/chat/chat.ts";
import { type ExitStatus, exitStatusOf, failedLoginStatus } from "../client/chat/exit-status.ts";
import { Preferences } from "../client/chat/preferences.ts";
import { isPlaceLost } from "../client/net/incoming.ts";
import type { Admission } from "../client/net/join.ts";
import { resume } from "../client/net/resume.ts";
import { OwnSecret } from "../client/util/own-secret.ts";
import { ChatError } from "../util/errors.ts";
import { nextStep, reason } from "../wire/errors/reason.ts";
import { endingOf } from "./endings.ts";
import { PageLogin } from "./login/page-login.ts";
import { PATIENCE, persist } from "./persist.ts";
import { PageUi } from "./room/page-ui.ts";
import { showOver, showScreen } from "./screens.ts";
import { BrowserDevices } from "./storage/devices.ts";
import { type PageState, VisitStore } from "./storage/kept-visit.ts";
import { JsonStorage } from "./storage/storage.ts";
import { PagePrinter } from "./transcript/page-printer.ts";
import { OwnServer } from "./web-link.ts";

/** A page that goes away ends without a word. */
const NEVER = new AbortController().signal;
const PLACE_LOST =
	"The room has given up your place. Log in to go on; what was said, and what you typed, is still here.";

/** One page, from the link to the goodbye. */
export class Page {
	readonly #lasting = new JsonStorage(() => localStorage);
	readonly #visits = new VisitStore(new JsonStorage(() => sessionStorage));
	readonly #target = {
		servers: new OwnServer(location.origin),
		devices: new BrowserDevices(this.#lasting),
	};
	readonly #secret = new OwnSecret();
	readonly #login = new PageLogin({
		...{ target: this.#target, secret: this.#secret, store: this.#lasting },
	});

	/** Goes on with the visit that this tab had, or else lets the user log in, and chats. */
	async run(): Promise<void> {
		const kept = await this.#visits.take();
		for (let state = kept; ; state = null) {
			const { reason: code, text } = await this.#stay(state);
			this.#visits.clear();
			await showOver(endingOf(code), text);
		}
	}

	async #stay(kept: PageState | null): Promise<ExitStatus> {
		try {
			const resumed = kept && (await this.#resume(kept));
			const admission = resumed ?? (await this.#login.enter(NEVER, kept ? PLACE_LOST : ""));
			if (admission === null) return exitStatusOf(reason("left"));
			await this.#visits.begin();
			return await this.#chat(admission, kept);
		} catch (error) {
			if (!(error instanceof ChatError)) throw error;
			return failedLoginStatus(error);
		}
	}

	/** Null if the room has given up our place. Throws as `resume` does, where no other attempt helps. */
	async #resume({ welcome, place }: PageState): Promise<Admission | null> {
		showScreen("connecting");
		try {
			const attempt = (signal: AbortSignal) =>
				this.#target.servers.tryInTurn((server) => resume(server, place, signal));
			const isFinal = ({ code }: ChatError): boolean => isPlaceLost(code);
			const resumption = await persist(attempt, { isFinal, signal: NEVER });
			if (resumption === null) return null;
			const { connection, token, lost } = resumption;
			return { connection, welcome: { ...welcome, resume: token }, lost };
		} catch (error) {
			if (error instanceof ChatError && nextStep(error.code) === "log_in") return null;
			throw error;
		}
	}

	#chat(admission: Admission, kept: PageState | null): Promise<ExitStatus> {
		showScreen("room");
		let printer: PagePrinter;
		return chat(this.#target, admission, {
			bell: undefined,
			preferences: new Preferences(this.#lasting, location.host),
			secret: this.#secret,
			patience: PATIENCE,
			isAsked: true,
			unsent: kept?.unsent ?? [],
			logIn: async (_ui, signal) => {
				const entered = this.#login.enter(signal, PLACE_LOST);
				const admission = await entered.finally(() => showScreen("room"));
				this.#remark(printer);
				return admission;
			},
			forgetDevice: () => this.#login.forgetDevice(),
			signal: NEVER,
			createPrinter: (mentions) => {
				printer = new PagePrinter(mentions, kept?.items ?? []);
				this.#remark(printer);
				return printer;
			},
			open: (conversation, options) =>
				new PageUi(conversation, {
					...{ ...options, printer, draft: kept?.draft ?? "" },
					keep: (state) => this.#visits.save(state),
				}),
		});
	}

	/** Says in the room what the login form had no time for. */
	#remark(printer: PagePrinter): void {
		const text = this.#login.remark;
		if (text !== "") printer.print({ kind: "note", text });
	}
}
