import { credentialOf, type DeviceCredential } from "../../wire/messages/credentials.ts";
import { type LoginMethod, METHOD_NAMES } from "../../wire/messages/login-methods.ts";
import type { Login } from "../../wire/messages/messages.ts";
import { hasPlainName, parseAccount } from "../accounts/account.ts";
import type { AllowList } from "../accounts/allow-list.ts";
import type { BanList } from "../accounts/ban-list.ts";
import type { Device } from "../devices/device-file.ts";
import type { DeviceGrant, DeviceStore } from "../devices/device-store.ts";
import type { Limits } from "../limits/limits.ts";
import { MINUTE } from "../limits/rate-limiter.ts";
import type { CodeMailer } from "../mail/code-mailer.ts";
import { StoreUnavailable } from "../storage/store-unavailable.ts";
import { DeviceLogins } from "./device-logins.ts";
import type { GmailVerifier } from "./gmail-verifier.ts";
import { LoginChecks } from "./login-checks.ts";
import { type Denial, deny, denyProved } from "./login-result.ts";
import { type LoginStore, localLoginStore } from "./login-store.ts";

interface AuthenticatorOptions {
	readonly verifier: GmailVerifier;
	/** The guest list; null lets everybody in. */
	readonly allow: AllowList | null;
	readonly bans: BanList;
	/** Canonical accounts of the room's owners. Neither the guest list nor a ban keeps them out. */
	readonly owners: ReadonlySet<string>;
	/** The login methods that the server accepts. */
	readonly methods: readonly LoginMethod[];
	/** Null if `code` is not among the methods. */
	readonly mailer: Pick<CodeMailer, "hasRoomFor" | "send"> | null;
	/** Null if no device is remembered. */
	readonly devices: DeviceStore | null;
	readonly limits: Limits;
	/** By default in this process. */
	readonly store?: LoginStore;
	/** Monotonic milliseconds. */
	readonly now: () => number;
}

/** The account that a login has proved, which may join; or why not. */
export type AuthenticationResult = Authenticated | Denial;

interface Authenticated {
	readonly accepted: true;
	readonly account: string;
	/**
	 * Call once the account can join: gives its device what it logs in with the next time, or denies the
	 * login after all.
	 */
	readonly grantDevice?: () => Promise<DeviceGrant | Denial | undefined>;
}

/** The answer to a request for a code. */
interface CodeRequestResult {
	readonly accepted: true;
	readonly account: string;
	readonly ticket: string;
	/** For the operator's log: `mailed`, or the code that says why not. */
	readonly outcome: string;
}

/** Decides who may join: counts each login, then checks it, once. */
export class Authenticator {
	readonly methods: readonly LoginMethod[];
	readonly #allow: AllowList | null;
	readonly #bans: BanList;
	readonly #owners: ReadonlySet<string>;
	readonly #mailer: Pick<CodeMailer, "hasRoomFor" | "send"> | null;
	readonly #devices: DeviceStore | null;
	readonly #deviceLogins: DeviceLogins | null;
	readonly #now: () => number;
	readonly #checks: LoginChecks;
	readonly #store: LoginStore;

	constructor({
		verifier,
		allow,
		bans,
		owners,
		methods,
		mailer,
		devices,
		limits,
		store = localLoginStore(limits),
		now,
	}: AuthenticatorOptions) {
		this.methods = methods;
		this.#allow = allow;
		this.#bans = bans;
		this.#owners = owners;
		this.#mailer = mailer;
		this.#devices = devices;
		this.#deviceLogins = devices && new DeviceLogins(devices, store.devices);
		this.#now = now;
		this.#store = store;
		this.#checks = new LoginChecks({ verifier, limiter: store.checks, limits, now });
	}

	/** Every outcome is a result. Once `signal` is aborted, no check begins. */
	authenticate(login: Login, ip: string, signal: AbortSignal): Promise<AuthenticationResult> {
		return orUnavailable(() => this.#authenticate(login, ip, signal));
	}

	async #authenticate(
		login: Login,
		ip: string,
		signal: AbortSignal,
	): Promise<AuthenticationResult> {
		const credential = credentialOf(login);
		if (credential.method === "device") return this.#authenticateDevice(login, credential, ip);
		const { method } = credential;
		if (!this.methods.includes(method)) return this.#denyMethod(method);
		const account = parseAccount(login.email);
		if (account === null) return deny("invalid_address", login.email);
		const { email } = login;
		const { codes, networks } = this.#store;
		const origin = await networks.originOf(account, ip, this.#now());
		// A code limits its own tries, and asks no mail server, so it is not counted: anyone could fill
		// the limiter's memory with countless networks at no cost.
		const result =
			credential.method === "code"
				? await codes.redeem(account, credential, this.#now())
				: await this.#checks.check({ email, account, credential, origin }, signal);
		if (!result.accepted) return result;
		// Last, so that a client that has proved nothing learns nothing about who may join.
		const denial = this.admissionError(account);
		if (denial) {
			this.#checks.suspect(origin);
			return denial;
		}
		await networks.add(account, ip, this.#now());
		const devices = login.remember && this.#devices;
		if (!devices) return { accepted: true, account };
		return { accepted: true, account, grantDevice: () => devices.remember(account, method) };
	}

	/** A login with what a device was given the last time. Asks no mail server, so makes no suspects. */
	async #authenticateDevice(
		{ email }: Login,
		credential: DeviceCredential,
		ip: string,
	): Promise<AuthenticationResult> {
		const devices = this.#devices;
		const account = parseAccount(email);
		if (account === null) return deny("invalid_address", email);
		if (!devices || !this.#deviceLogins) return deny("device_unknown");
		const { networks } = this.#store;
		const origin = await networks.originOf(account, ip, this.#now());
		const device = await this.#deviceLogins.check({ account, credential, origin }, this.#now());
		if ("accepted" in device) return device;
		const denial = this.#deviceDenial(device);
		if (denial) return denial;
		await networks.add(account, ip, this.#now());
		return { accepted: true, account, grantDevice: () => renew(devices, device, credential) };
	}

	/** A device proves no more than what it was first remembered for. */
	#deviceDenial({ account, method }: Device): Denial | null {
		if (!this.methods.includes(method)) return this.#denyMethod(method);
		return this.admissionError(account);
	}

	/** What a client can log in with here, as it is told. */
	get offered(): string[] {
		return this.#devices ? [...this.methods, "device"] : [...this.methods];
	}

	/**
	 * Why the account is rejected, or null. Reveal it only to a client that has proved ownership.
	 * Callers ask again at the last moment, because a ban may have come while Gmail was checking.
	 */
	admissionError(account: string): Denial | null {
		// If a list omits an owner or a ban names one, it is the owner who has to repair that.
		if (this.#owners.has(account)) return null;
		if (this.#bans.has(account)) return denyProved("banned", account);
		if (this.#allow === null || this.#allow.has(account)) return null;
		return denyProved("not_allowed", account);
	}

	/**
	 * Mails a code if the account may join. The answer is the same if it may not, and does not wait
	 * for the mail: a client that has not proved ownership must not learn which of the two happened.
	 */
	requestCode(email: string, ip: string): Promise<CodeRequestResult | Denial> {
		return orUnavailable(() => this.#requestCode(email, ip));
	}

	async #requestCode(email: string, ip: string): Promise<CodeRequestResult | Denial> {
		if (!this.methods.includes("code")) return this.#denyMethod("code");
		const account = parseAccount(email);
		if (account === null) return deny("invalid_address", email);
		const isOpen = this.#allow !== null || account.endsWith("@gmail.com");
		if (!isOpen || !hasPlainName(account)) return deny("not_gmail");
		const { codes, codeRequests, networks } = this.#store;
		const origin = await networks.originOf(account, ip, this.#now());
		const wait = await codeRequests.wait(origin, this.#now());
		if (wait > 0) return denyCodeFor(wait);
		// Before it counts.
		if (this.#mailer?.hasRoomFor(origin) === false) return deny("busy");
		const late = await codeRequests.take(origin, this.#now());
		if (late > 0) return denyCodeFor(late);
		const { ticket, code } = await codes.issue(account, this.#now());
		const denial = this.admissionError(account);
		// Before the answer, once more: what it promises is mailed.
		if (this.#mailer?.hasRoomFor(origin) === false) return deny("busy");
		// The same work for both: others' answers would tell how much of it there is.
		void this.#mailer?.send({ account, code, ip, isMeant: denial === null }, origin);
		return { accepted: true, account, ticket, outcome: denial?.code ?? "mailed" };
	}

	#denyMethod(method: LoginMethod): Denial {
		const accepted = this.methods.map((each) => METHOD_NAMES[each]);
		return deny("method_not_accepted", METHOD_NAMES[method], accepted);
	}
}

const denyCodeFor = (wait: number): Denial => deny("too_many_codes", Math.ceil(wait / MINUTE));

/** Nothing is decided while what is kept elsewhere is out of reach. */
async function orUnavailable<T>(decide: () => Promise<T>): Promise<T | Denial> {
	try {
		return await decide();
	} catch (error) {
		if (error instanceof StoreUnavailable) return deny("store_unavailable", true);
		throw error;
	}
}

/** Of two logins with one secret at one moment, to two servers, one has to come again. */
const renew = (
	devices: DeviceStore,
	device: Device,
	{ device: secret }: DeviceCredential,
): Promise<DeviceGrant | Denial> =>
	orUnavailable(async () => {
		const grant = await devices.renew(device, secret);
		return grant === "overtaken" ? deny("busy") : grant;
	});
