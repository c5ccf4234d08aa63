import { loadLastLogin, saveLastLogin } from "../../client/login/last-login.ts";
import { type LoginService, logIn } from "../../client/login/login-flow.ts";
import {
	type LoginDefaults,
	NOTHING_KNOWN,
	type UserIdentity,
} from "../../client/login/login-page.ts";
import { RoomLogin } from "../../client/login/room-login.ts";
import { type Admission, LoginDenied } from "../../client/net/join.ts";
import { Untrusted } from "../../client/net/link-errors.ts";
import { loginMethods } from "../../client/net/queries.ts";
import type { OwnSecret } from "../../client/util/own-secret.ts";
import { ChatError } from "../../util/errors.ts";
import type { Home } from "../home.ts";
import { persist } from "../persist.ts";
import { showScreen } from "../screens.ts";
import { byId } from "../util/elements.ts";
import { LoginForm } from "./login-form.ts";

/** Takes the user through the login form, as often as the room asks for it. */
export class PageLogin {
	readonly #home: Home;
	readonly #login: RoomLogin;
	readonly #form = new LoginForm();
	/** The latest login in this tab, or else in any tab; the form offers it. */
	#user: LoginDefaults;

	/** `secret` learns the password that is typed. */
	constructor(home: Home, secret: OwnSecret) {
		const { store, defaults, remember, place } = home;
		this.#home = home;
		const heading = place === undefined ? "fernet-chat" : `fernet-chat at ${place}`;
		byId("login-heading", HTMLElement).textContent = heading;
		const last = loadLastLogin(store);
		this.#user = { name: defaults.name ?? last.name, email: defaults.email ?? last.email };
		this.#login = new RoomLogin({
			...{ target: home, secret, remember, decidesEachTime: true },
			joined: (identity) => {
				this.#user = identity;
				saveLastLogin(identity, store);
			},
		});
	}

	/** The account of this tab's visit, "" before the first login. Other tabs may have other accounts. */
	get email(): string {
		return this.#user.email ?? "";
	}

	/** This tab goes on with the visit that it had before it was reloaded. */
	goOnAs(identity: UserIdentity): void {
		this.#user = identity;
	}

	/**
	 * Logs in, however often the connection breaks meanwhile. `why`: why the user has to, if they were
	 * in the room. Null on abort. Throws LoginDenied if the server offers a person no way to log in.
	 */
	async enter(signal: AbortSignal, why = ""): Promise<Admission | null> {
		for (let problem = why; ; ) {
			showScreen("connecting");
			const service = await this.#connect(signal);
			if (service === null) return null;
			showScreen("login");
			try {
				this.#form.open(service, problem);
				return await logIn(this.#form, service, NOTHING_KNOWN, this.#user, signal);
			} catch (error) {
				if (!(error instanceof ChatError)) throw error;
				// What was typed is still in the form.
				problem = `${error.message} Try again.`;
			}
		}
	}

	/** What a server that the user trusts takes. Null if they do not, or on abort. */
	async #connect(signal: AbortSignal): Promise<LoginService | null> {
		const { patience } = this.#home;
		const isFinal = (error: ChatError): boolean =>
			error instanceof LoginDenied || error instanceof Untrusted;
		const options = { patience, isFinal, signal };
		if (!(await persist(() => this.#home.verify(), options))) return null;
		return persist(
			async (given) => this.#login.service(await loginMethods(this.#home, given)),
			options,
		);
	}

	/** What is to be said in the room about the login, or "". */
	get remark(): string {
		return this.#form.remark;
	}

	/** The user has signed this device out. */
	forgetDevice(): void {
		this.#login.forgetDevice(this.email);
	}
}
