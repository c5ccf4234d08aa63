import { ChatError } from "../../util/errors.ts";
import type { ErrorCode } from "../../wire/errors/error-codes.ts";
import { type Admission, type Credentials, join, LoginDenied } from "../net/join.ts";
import { Untrusted } from "../net/link-errors.ts";
import { type LoginMethods, loginMethods, requestCode } from "../net/queries.ts";
import type { RoomTarget } from "../net/room-target.ts";
import type { ServerList } from "../net/server-list.ts";
import { verifyServer } from "../net/verify-server.ts";
import { printMarked } from "../terminal/wrap.ts";
import { aborted } from "../util/abort.ts";
import type { ConfigDir } from "../util/config-dir.ts";
import type { OwnSecret } from "../util/own-secret.ts";
import { sanitizeLine } from "../util/sanitize.ts";
import { joinAsDevice } from "./join-as-device.ts";
import { loadLastLogin, saveLastLogin } from "./last-login.ts";
import { type LoginDefaults, logIn } from "./login-flow.ts";
import type { InteractiveMethod, LoginStreams } from "./login-page.ts";

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

const NOTHING: LoginDefaults = { name: undefined, email: undefined };

/** Takes a person through the login page, as often as the room asks for it. */
export class PersonLogin {
	readonly #options: PersonLoginOptions;
	readonly #streams: LoginStreams;
	/** By address: whether this device is to be remembered for it, as far as the user was asked. */
	readonly #decisions = new Map<string, boolean>();
	/** What the page offers. */
	#offered: LoginDefaults;

	constructor(options: PersonLoginOptions, streams: LoginStreams) {
		this.#options = options;
		this.#streams = streams;
		this.#offered = loadLastLogin(options.configDir);
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
		const methods = interactiveMethods(accepted);
		const { verifier } = accepted;
		const page = openLoginPage(
			{ endpoint: target.servers.current, methods, verifier },
			this.#streams,
		);
		const service = {
			methods,
			verifier,
			requestCode: (email: string) => requestCode(target, email),
			join: (given: Credentials) => this.#join(given),
			joinAsDevice: (identity: LastLogin) => this.#joinAsDevice(identity),
			mayRemember: (email: string) =>
				accepted.methods.includes("device") && this.#mayRemember(email),
			remember: (email: string, isWanted: boolean) => void this.#decisions.set(email, isWanted),
			isUnremembered: (email: string) =>
				this.#isWanted(email) && target.devices?.load(email) === null,
		};
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
		this.#decisions.delete(email);
		this.#options.target.devices?.forget(email);
	}

	async #tryAgain(): Promise<Admission | null | "failed"> {
		try {
			return await this.enter(NOTHING);
		} catch (error) {
			const isFinal = error instanceof LoginDenied || error instanceof Untrusted;
			if (!(error instanceof ChatError) || isFinal) throw error;
			const lines = error.message.split("\n").map(sanitizeLine);
			printMarked(lines.join("\n"), this.#options.plain, this.#streams.output);
			return "failed";
		}
	}

	async #join(given: Credentials): Promise<Admission> {
		const { target, secret } = this.#options;
		const { name, email } = given;
		const isWanted = this.#isWanted(email);
		const admission = await join(target, isWanted ? { ...given, remember: true } : given);
		secret.learn(given);
		if (isWanted) target.devices?.save(email, admission.welcome.device);
		else if (this.#decisions.has(email)) target.devices?.decline(email);
		this.#saveLogin({ name, email });
		return admission;
	}

	async #joinAsDevice(identity: LastLogin): Promise<Admission | null> {
		const admission = await joinAsDevice(this.#options.target, identity);
		if (admission) this.#saveLogin(identity);
		return admission;
	}

	#isWanted(email: string): boolean {
		return this.#decisions.get(email) ?? this.#options.remember;
	}

	#mayRemember(email: string): boolean {
		const { target, remember } = this.#options;
		if (remember || this.#decisions.has(email)) return false;
		return target.devices?.isDeclined(email) === false;
	}

	#saveLogin({ name, email }: LastLogin): void {
		this.#offered = { name, email };
		saveLastLogin(this.#offered, this.#options.configDir);
	}
}

/** The login methods that the server offers to people. Throws LoginDenied if there are none. */
function interactiveMethods({ methods, version }: LoginMethods): readonly InteractiveMethod[] {
	const offered = (["code", "password"] as const).filter((method) => methods.includes(method));
	if (offered.length > 0) return offered;
	const text = methods.includes("token")
		? "This server accepts only access tokens. Use --token."
		: `This server (version ${sanitizeLine(version)}) accepts no way to log in that this client knows. Update the client.`;
	throw new LoginDenied({ code: "method_not_accepted" satisfies ErrorCode, text });
}
