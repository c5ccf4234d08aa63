import type { DeviceCredential } from "../../wire/messages/credentials.ts";
import type { Device } from "../devices/device-file.ts";
import type { DeviceList } from "../devices/device-list.ts";
import type { Limits } from "../limits/limits.ts";
import { AccountAndNetworkLimiter, MINUTE } from "../limits/rate-limiter.ts";
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
	readonly #devices: DeviceList;
	/**
	 * Apart from the logins that Gmail checks: wrong secrets cost nothing to send, and could use up what
	 * those count against, or fill its memory.
	 */
	readonly #limiter: AccountAndNetworkLimiter;

	constructor(devices: DeviceList, { accountLogins, addressLogins }: Limits) {
		this.#devices = devices;
		this.#limiter = new AccountAndNetworkLimiter(accountLogins, addressLogins, MINUTE);
	}

	/** Counts the login, whatever comes of it. `now` is in monotonic milliseconds. */
	check({ account, credential, origin }: DeviceLogin, now: number): Device | Denial {
		const { accountKey, networkKey } = origin;
		const wait = this.#limiter.wait(accountKey, networkKey, now);
		if (wait > 0) return deny("too_many_logins", Math.ceil(wait / 1000));
		this.#limiter.count(accountKey, networkKey, now);
		const device = this.#devices.judge(account, credential.device);
		if (device === "unknown") return deny("device_unknown");
		// Anyone who has a copy of a secret found the account's name beside it.
		return device === "reused" ? { ...deny("device_reused"), provedAccount: account } : device;
	}
}
