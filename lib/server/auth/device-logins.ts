import type { DeviceCredential } from "../../wire/messages/credentials.ts";
import type { Device } from "../devices/device-file.ts";
import type { DeviceStore } from "../devices/device-store.ts";
import type { AttemptLimiter } from "../limits/rate-limiter.ts";
import { denyFor } from "./login-checks.ts";
import { type Denial, deny } from "./login-result.ts";
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
	/** Apart from the logins that Gmail checks, so that neither uses up what the other may. */
	readonly #limiter: AttemptLimiter;

	constructor(devices: DeviceStore, limiter: AttemptLimiter) {
		this.#devices = devices;
		this.#limiter = limiter;
	}

	/** Counts a login with a good secret. `now` is in monotonic milliseconds. */
	async check({ account, credential, origin }: DeviceLogin, now: number): Promise<Device | Denial> {
		const device = await this.#devices.judge(account, credential.device);
		// Not counted: a guess cannot be right, and costs nothing to send. Anyone could use up what the
		// account's own devices may, or fill the limiter's memory with countless accounts and networks.
		if (device === "unknown") return deny("device_unknown");
		// Anyone who has a copy of a secret found the account's name beside it.
		if (device === "reused") return { ...deny("device_reused"), provedAccount: account };
		const wait = await this.#limiter.take(origin, now);
		return wait > 0 ? denyFor(wait) : device;
	}
}
