import { chat } from "../client/chat/chat.ts";
import { type ExitStatus, failedLoginStatus, NOT_LOGGED_IN } from "../client/chat/exit-status.ts";
import { Preferences } from "../client/chat/preferences.ts";
import { isPlaceLost } from "../client/net/incoming.ts";
import type { Admission } from "../client/net/join.ts";
import { Untrusted } from "../client/net/link-errors.ts";
import { resume } from "../client/net/resume.ts";
import { Mentions } from "../client/transcript/mentions.ts";
import { notSentText } from "../client/transcript/notices.ts";
import { OwnSecret } from "../client/util/own-secret.ts";
import { WINDOW_PATH } from "../client/window/window-messages.ts";
import { ChatError } from "../util/errors.ts";
import { hasCode, nextStep } from "../wire/errors/reason.ts";
import type { Home } from "./home.ts";
import { PageLogin } from "./login/page-login.ts";
import { persist } from "./persist.ts";
import { PageUi } from "./room/page-ui.ts";
import { showOver, showScreen } from "./screens.ts";
import { serverHome } from "./server-home.ts";
import type { PageState } from "./storage/page-state.ts";
import { PagePrinter } from "./transcript/page-printer.ts";
import { windowHome } from "./window/window-home.ts";

const PLACE_LOST =
	"The room has given up your place. Log in to go on; what was said, and what you typed, is still here.";

export const openPage = async (): Promise<Page> =>
	new Page(location.pathname === WINDOW_PATH ? await windowHome() : serverHome());

/** One page, from the link to the goodbye. */
class Page {
	readonly #home: Home;
	readonly #secret = new OwnSecret();
	readonly #preferences: Preferences;
	readonly #login: PageLogin;
	/** What the user was typing when the latest visit ended. */
	#draft = "";

	constructor(home: Home) {
		this.#home = home;
		this.#preferences = new Preferences(home.store, home.room);
		this.#login = new PageLogin(home, this.#secret);
	}

	/** Goes on with the visit that this tab had, or else lets the user log in, and chats. */
	async run(): Promise<never> {
		try {
			const kept = await this.#home.visits.take();
			for (let state = kept; ; state = null) {
				const status = await this.#stay(state);
				this.#home.visits.clear();
				const { ending, text } = this.#home.over(status);
				await showOver(ending, text, this.#draft);
			}
		} catch (error) {
			// To go on with it after a reload could fail in the same way, for ever.
			this.#home.visits.clear();
			throw error;
		}
	}

	async #stay(kept: PageState | null): Promise<ExitStatus> {
		this.#draft = kept?.draft ?? "";
		try {
			if (kept) this.#login.goOnAs({ name: kept.welcome.name, email: kept.email });
			const resumed = kept && (await this.#resume(kept));
			const admission =
				resumed ?? (await this.#login.enter(this.#home.signal, kept ? PLACE_LOST : ""));
			if (admission === null) return NOT_LOGGED_IN;
			await this.#home.visits.begin();
			return await this.#chat(admission, kept && this.#isIn(kept.email) ? kept : null);
		} catch (error) {
			if (!(error instanceof ChatError)) throw error;
			if (hasCode(error, "banned")) this.#login.forgetDevice();
			if (kept) this.#showAgain(kept);
			return failedLoginStatus(error);
		}
	}

	/** Null if the room has given up our place. Throws as `resume` does, where no other attempt helps. */
	async #resume({ welcome, place }: PageState): Promise<Admission | null> {
		showScreen("connecting");
		const { servers, patience, signal } = this.#home;
		try {
			const attempt = (given: AbortSignal) =>
				servers.tryInTurn((server) => resume(server, place, given), given);
			const isFinal = (error: ChatError): boolean =>
				isPlaceLost(error.code) || error instanceof Untrusted;
			const resumption = await persist(attempt, { patience, isFinal, signal });
			if (resumption === null) return null;
			const { connection, token, lost } = resumption;
			return { connection, welcome: { ...welcome, resume: token }, lost };
		} catch (error) {
			if (error instanceof ChatError && nextStep(error.code) === "log_in") return null;
			throw error;
		}
	}

	/** Whether the user who is in is the one with this address: what a visit leaves is for nobody else. */
	#isIn(email: string): boolean {
		return this.#login.email.toLowerCase() === email.toLowerCase();
	}

	async #chat(admission: Admission, kept: PageState | null): Promise<ExitStatus> {
		showScreen("room");
		const { email } = this.#login;
		let other = null as Admission | null;
		let printer: PagePrinter;
		let ui: PageUi | undefined;
		const logIn = async (signal: AbortSignal): Promise<Admission | null> => {
			const again = await this.#login.enter(signal, PLACE_LOST).finally(() => showScreen("room"));
			if (again !== null && !this.#isIn(email)) {
				other = again;
				return null;
			}
			this.#remark(printer);
			return again;
		};
		this.#home.joined(admission.welcome.name);
		const { patience, signal, bell } = this.#home;
		const status = await chat(this.#home, admission, {
			bell,
			preferences: this.#preferences,
			secret: this.#secret,
			patience,
			isAsked: true,
			kept,
			logIn: (_ui, signal) => logIn(signal),
			forgetDevice: () => this.#login.forgetDevice(),
			signal,
			createPrinter: (mentions) => {
				printer = new PagePrinter(mentions);
				return printer;
			},
			open: (conversation, options) => {
				printer.restore(kept?.items ?? []);
				this.#remark(printer);
				ui = new PageUi(conversation, {
					...options,
					printer,
					draft: kept?.draft ?? "",
					keep: (state) => this.#home.visits.save({ ...state, email }),
				});
				return ui;
			},
		});
		this.#draft = ui?.unsent ?? "";
		if (other === null) return status;
		this.#home.visits.clear();
		return this.#chat(other, null);
	}

	/** Says in the room what the login form had no time for. */
	#remark(printer: PagePrinter): void {
		const text = this.#login.remark;
		if (text !== "") printer.print({ kind: "note", text });
	}

	/** Shows what a visit leaves that has ended while the page was reloaded, as any other visit does. */
	#showAgain({ welcome, items, unsent }: PageState): void {
		const printer = new PagePrinter(new Mentions(welcome.name));
		printer.clock = this.#preferences.clock ?? "short";
		printer.restore(items);
		for (const { message } of unsent)
			printer.print({ kind: "problem", text: notSentText(message) });
		printer.close();
	}
}
