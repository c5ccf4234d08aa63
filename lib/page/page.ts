import { chat } from "../client/chat/chat.ts";
import { type ExitStatus, failedLoginStatus } from "../client/chat/exit-status.ts";
import { Preferences } from "../client/chat/preferences.ts";
import { loadLastLogin, saveLastLogin } from "../client/login/last-login.ts";
import { logIn } from "../client/login/login-flow.ts";
import type { LoginDefaults } from "../client/login/login-page.ts";
import { RoomLogin } from "../client/login/room-login.ts";
import { isPlaceLost } from "../client/net/incoming.ts";
import { type Admission, LoginDenied } from "../client/net/join.ts";
import { loginMethods } from "../client/net/queries.ts";
import { resume } from "../client/net/resume.ts";
import { retry } from "../client/net/retry.ts";
import { OwnSecret } from "../client/util/own-secret.ts";
import { ChatError } from "../util/errors.ts";
import { nextStep, ReasonedError, reason } from "../wire/errors/reason.ts";
import { BrowserDevices } from "./devices.ts";
import { type PageState, VisitStore } from "./kept-visit.ts";
import { LoginForm } from "./login/login-form.ts";
import { PagePrinter } from "./room/page-printer.ts";
import { PageUi } from "./room/page-ui.ts";
import { showOver, showScreen } from "./screens.ts";
import { JsonStorage } from "./storage.ts";
import { OwnServer } from "./web-link.ts";

/** Milliseconds for which a page tries to come back when its connection broke. */
const PATIENCE = 12 * 60 * 60 * 1000;
const PAUSES = { first: 0, factor: 2, max: 10_000 };
const NOTHING: LoginDefaults = { name: undefined, email: undefined };

/** A page that goes away ends without a word. */
const NEVER = new AbortController().signal;

/** Tries as long as a later attempt may succeed. */
async function persist<T>(
	attempt: (signal: AbortSignal) => Promise<T>,
	isFinal: (error: ChatError) => boolean,
): Promise<T> {
	const options = { patience: PATIENCE, pauses: PAUSES, isFinal, signal: NEVER };
	return (await retry(attempt, options)) as T;
}

/** One page, from the link to the goodbye. */
export class Page {
	readonly #lasting = new JsonStorage(() => localStorage);
	readonly #visits = new VisitStore(new JsonStorage(() => sessionStorage));
	readonly #target = {
		servers: new OwnServer(location.origin),
		devices: new BrowserDevices(this.#lasting),
	};
	readonly #secret = new OwnSecret();
	readonly #login: RoomLogin;
	/** Whom the login form offers. */
	#offered = loadLastLogin(this.#lasting);

	constructor() {
		this.#login = new RoomLogin({
			...{ target: this.#target, secret: this.#secret, remember: false },
			joined: (identity) => {
				this.#offered = identity;
				saveLastLogin(identity, this.#lasting);
			},
		});
	}

	/** Goes on with the visit that this tab had, or else lets the user log in, and chats. */
	async run(): Promise<void> {
		const kept = await this.#visits.take();
		for (let state = kept; ; state = null) {
			const { text } = await this.#stay(state);
			this.#visits.clear();
			await showOver(text);
		}
	}

	async #stay(kept: PageState | null): Promise<ExitStatus> {
		try {
			const admission = (kept && (await this.#resume(kept))) ?? (await this.#enter());
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
			const { connection, token, lost } = await persist(attempt, ({ code }) => isPlaceLost(code));
			return { connection, welcome: { ...welcome, resume: token }, lost };
		} catch (error) {
			if (error instanceof ChatError && nextStep(error.code) === "log_in") return null;
			throw error;
		}
	}

	async #enter(): Promise<Admission> {
		showScreen("connecting");
		const service = await persist(
			async () => this.#login.service(await loginMethods(this.#target)),
			(error) => error instanceof LoginDenied,
		);
		showScreen("login");
		const form = new LoginForm(service);
		const admission = await logIn(form, service, NOTHING, this.#offered, NEVER);
		if (admission) return admission;
		throw new ReasonedError(reason("left"));
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
			logIn: () => this.#enter().finally(() => showScreen("room")),
			forgetDevice: () => this.#login.forgetDevice(this.#offered.email ?? ""),
			signal: NEVER,
			createPrinter: (mentions) => {
				printer = new PagePrinter(mentions, kept?.items ?? []);
				return printer;
			},
			open: (conversation, options) =>
				new PageUi(conversation, {
					...{ ...options, printer, draft: kept?.draft ?? "" },
					keep: (state) => this.#visits.save(state),
				}),
		});
	}
}
