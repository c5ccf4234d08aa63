import { loadLastLogin, saveLastLogin } from "../../client/login/last-login.ts";
import { logIn } from "../../client/login/login-flow.ts";
import {
	type LoginDefaults,
	NOTHING_KNOWN,
	type UserIdentity,
} from "../../client/login/login-page.ts";
import { RoomLogin } from "../../client/login/room-login.ts";
import { type Admission, LoginDenied } from "../../client/net/join.ts";
import { loginMethods } from "../../client/net/queries.ts";
import type { RoomTarget } from "../../client/net/room-target.ts";
import type { JsonStore } from "../../client/util/json-store.ts";
import type { OwnSecret } from "../../client/util/own-secret.ts";
import { ChatError } from "../../util/errors.ts";
import { persist } from "../persist.ts";
import { showScreen } from "../screens.ts";
import { LoginForm } from "./login-form.ts";

interface PageLoginOptions {
	readonly target: RoomTarget;
	/** Learns the password that is typed. */
	readonly secret: OwnSecret;
	/** Keeps the name and address of the last login. */
	readonly store: JsonStore;
}

/** Takes the user through the login form, as often as the room asks for it. */
export class PageLogin {
	readonly #target: RoomTarget;
	readonly #login: RoomLogin;
	readonly #form = new LoginForm();
	/** The latest login in this tab, or else in any tab; the form offers it. */
	#user: LoginDefaults;

	constructor({ target, secret, store }: PageLoginOptions) {
		this.#target = target;
		this.#user = loadLastLogin(store);
		this.#login = new RoomLogin({
			...{ target, secret, remember: false, decidesEachTime: true },
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
			const service = await persist(
				async () => this.#login.service(await loginMethods(this.#target)),
				{ isFinal: (error) => error instanceof LoginDenied, signal },
			);
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

	/** What is to be said in the room about the login, or "". */
	get remark(): string {
		return this.#form.remark;
	}

	/** The user has signed this device out. */
	forgetDevice(): void {
		this.#login.forgetDevice(this.email);
	}
}
