import type { DeviceCredential } from "../../wire/messages/credentials.ts";
import type { Device } from "../devices/device-file.ts";
import type { DeviceStore } from "../devices/device-store.ts";
import type { Limits } from "../limits/limits.ts";
import type { AccountAndNetworkLimiter, AttemptLimiter } from "../limits/rate-limiter.ts";
import { denyFor } from "./login-checks.ts";
import { type Denial, deny } from "./login-result.ts";
import { minuteLimiter } from "./login-store.ts";
import type { CountedOrigin } from "./proved-networks.ts";

/** A login with what a device remembers. */
interface DeviceLogin {
	readonly account: string;
	readonly credential: DeviceCredential;
	readonly origin: CountedOrigin;
}

/** Judges logins of remembered devices, which ask no mail server. */
export class DeviceLogins {
	readonly #devices: DeviceStore;
	/**
	 * Apart from the logins that Gmail checks: wrong secrets cost nothing to send, and could use up what
	 * those count against, or fill its memory.
	 */
	readonly #limiter: AccountAndNetworkLimiter;
	readonly #shared: AttemptLimiter | null;

	/** `shared` counts over all servers, null if there is one: what costs nothing must not fill it. */
	constructor(devices: DeviceStore, limits: Limits, shared: AttemptLimiter | null) {
		this.#devices = devices;
		this.#limiter = minuteLimiter(limits);
		this.#shared = shared;
	}

	/** Counts the login, whatever comes of it. `now` is in monotonic milliseconds. */
	async check({ account, credential, origin }: DeviceLogin, now: number): Promise<Device | Denial> {
		const wait = this.#limiter.take(origin, now);
		if (wait > 0) return denyFor(wait);
		const device = await this.#devices.judge(account, credential.device);
		if (device === "unknown") return deny("device_unknown");
		// Anyone who has a copy of a secret found the account's name beside it.
		if (device === "reused") return { ...deny("device_reused"), provedAccount: account };
		const sharedWait = (await this.#shared?.take(origin, now)) ?? 0;
		return sharedWait > 0 ? denyFor(sharedWait) : device;
	}
}
