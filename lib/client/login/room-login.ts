import type { ErrorCode } from "../../wire/errors/error-codes.ts";
import { type Admission, type Credentials, join, LoginDenied } from "../net/join.ts";
import { type LoginMethods, requestCode } from "../net/queries.ts";
import type { RoomTarget } from "../net/room-target.ts";
import type { OwnSecret } from "../util/own-secret.ts";
import { sanitizeLine } from "../util/sanitize.ts";
import { joinAsDevice } from "./join-as-device.ts";
import type { LoginService } from "./login-flow.ts";
import type { InteractiveMethod } from "./login-page.ts";

type Identity = Record<"name" | "email", string>;

interface RoomLoginOptions {
	readonly target: RoomTarget;
	/** Learns the password that is typed. */
	readonly secret: OwnSecret;
	/** Has the server remember this device without asking the user. */
	readonly remember: boolean;
	/** The user decides about this device at each login, in a box beside the password, and not once. */
	readonly decidesEachTime?: boolean;
	/** Called after each login with whom it was for. */
	readonly joined: (identity: Identity) => void;
}

/** Logs a person in to a room, and remembers what they decided about this device. */
export class RoomLogin {
	readonly #options: RoomLoginOptions;
	/** By address: whether this device is to be remembered for it, as far as the user was asked. */
	readonly #decisions = new Map<string, boolean>();

	constructor(options: RoomLoginOptions) {
		this.#options = options;
	}

	/** What a login page needs from a server. Throws LoginDenied if it offers a person no way to log in. */
	service(accepted: LoginMethods): LoginService {
		const { target } = this.#options;
		return {
			methods: interactiveMethods(accepted),
			verifier: accepted.verifier,
			requestCode: (email) => requestCode(target, email),
			join: (given) => this.#join(given),
			joinAsDevice: (identity) => this.#joinAsDevice(identity),
			mayRemember: (email) => accepted.methods.includes("device") && this.#mayRemember(email),
			remember: (email, isWanted) => void this.#decisions.set(email, isWanted),
			isUnremembered: async (email) =>
				this.#isWanted(email) && (await target.devices?.load(email)) === null,
		};
	}

	/** The user is asked about this device again the next time. */
	forgetDevice(email: string): void {
		this.#decisions.delete(email);
		this.#options.target.devices?.forget(email);
	}

	async #join(given: Credentials): Promise<Admission> {
		const { target, secret, joined } = this.#options;
		const { name, email } = given;
		const isWanted = this.#isWanted(email);
		const admission = await join(target, isWanted ? { ...given, remember: true } : given);
		secret.learn(given);
		if (isWanted) target.devices?.save(email, admission.welcome.device);
		else if (this.#decisions.has(email)) target.devices?.decline(email);
		joined({ name, email });
		return admission;
	}

	async #joinAsDevice(identity: Identity): Promise<Admission | null> {
		const admission = await joinAsDevice(this.#options.target, identity);
		if (admission) this.#options.joined(identity);
		return admission;
	}

	#isWanted(email: string): boolean {
		return this.#decisions.get(email) ?? this.#options.remember;
	}

	#mayRemember(email: string): boolean {
		const { target, remember, decidesEachTime = false } = this.#options;
		if (remember) return false;
		if (decidesEachTime) return true;
		if (this.#decisions.has(email)) return false;
		return target.devices?.isDeclined(email) === false;
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
