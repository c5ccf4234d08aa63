import { ChatError } from "../../util/errors.ts";
import { type Admission, LoginDenied } from "../net/join.ts";
import { Untrusted } from "../net/link-errors.ts";
import { loginMethods } from "../net/queries.ts";
import type { RoomTarget } from "../net/room-target.ts";
import type { ServerList } from "../net/server-list.ts";
import { verifyServer } from "../net/verify-server.ts";
import { printMarked } from "../terminal/wrap.ts";
import { aborted } from "../util/abort.ts";
import type { ConfigDir } from "../util/config-dir.ts";
import type { OwnSecret } from "../util/own-secret.ts";
import { sanitizeLine } from "../util/sanitize.ts";
import { loadLastLogin, saveLastLogin } from "./last-login.ts";
import { logIn } from "./login-flow.ts";
import { type LoginDefaults, type LoginStreams, NOTHING_KNOWN } from "./login-page.ts";
import { RoomLogin } from "./room-login.ts";

interface PersonLoginOptions {
	readonly target: RoomTarget & { readonly servers: ServerList };
	readonly configDir: ConfigDir;
	/** Learns the password that is typed. */
	readonly secret: OwnSecret;
	readonly plain: boolean;
	/** Has the server remember this device without asking the user. */
	readonly remember: boolean;
}

/** What uses the streams meanwhile: it shows the notice, and runs the page once the user is ready. */
interface Occupant {
	giveWay<T>(notice: string, page: () => Promise<T>): Promise<T>;
}

type LastLogin = Record<"name" | "email", string>;

/** Takes a person through the login page, as often as the room asks for it. */
export class PersonLogin {
	readonly #options: PersonLoginOptions;
	readonly #streams: LoginStreams;
	readonly #login: RoomLogin;
	/** What the page offers. */
	#offered: LoginDefaults;

	constructor(options: PersonLoginOptions, streams: LoginStreams) {
		this.#options = options;
		this.#streams = streams;
		this.#offered = loadLastLogin(options.configDir);
		const joined = (identity: LastLogin): void => this.#saveLogin(identity);
		this.#login = new RoomLogin({ ...options, joined });
	}

	/**
	 * Logs in. The page does not ask for what is `known`, at first. Null if the user gives up or the
	 * program is told to end. Throws as `logIn`, `verifyServer` and `loginMethods` do.
	 */
	async enter(known: LoginDefaults): Promise<Admission | null> {
		const { target, plain } = this.#options;
		const { signal } = this.#streams;
		// Loading clack takes longer than loading all the rest of the program.
		const { confirmFingerprint, openLoginPage } = plain
			? await import("./plain-page.ts")
			: await import("./clack-page.ts");
		if (!(await verifyServer(target.servers, confirmFingerprint(this.#streams), signal)))
			return null;
		const accepted = await Promise.race([loginMethods(target), aborted(signal)]);
		if (accepted === null) return null;
		const service = this.#login.service(accepted);
		const { methods, verifier } = service;
		const page = openLoginPage(
			{ endpoint: target.servers.current, methods, verifier },
			this.#streams,
		);
		return logIn(page, service, known, this.#offered, signal);
	}

	/**
	 * Logs in again when the person is ready for that, whoever they want to be now, and lets them try as
	 * often as they like while the server is gone.
	 */
	async enterAgain(occupant: Occupant, signal: AbortSignal): Promise<Admission | null> {
		const left = aborted(signal);
		for (;;) {
			const entering = occupant.giveWay("Press Enter to log in again.", () => this.#tryAgain());
			const admission = await Promise.race([entering, left]);
			if (admission !== "failed") return admission;
		}
	}

	/** The person has signed this device out, and is asked about it again the next time. */
	forgetDevice(): void {
		const { email } = this.#offered;
		if (email === undefined) return;
		this.#login.forgetDevice(email);
	}

	async #tryAgain(): Promise<Admission | null | "failed"> {
		try {
			return await this.enter(NOTHING_KNOWN);
		} catch (error) {
			const isFinal = error instanceof LoginDenied || error instanceof Untrusted;
			if (!(error instanceof ChatError) || isFinal) throw error;
			const lines = error.message.split("\n").map(sanitizeLine);
			printMarked(lines.join("\n"), this.#options.plain, this.#streams.output);
			return "failed";
		}
	}

	#saveLogin({ name, email }: LastLogin): void {
		this.#offered = { name, email };
		saveLastLogin(this.#offered, this.#options.configDir);
	}
}
