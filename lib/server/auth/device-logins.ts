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
	/** Apart from the logins that Gmail checks, so that neither uses up what the other may. */
	readonly #limiter: AccountAndNetworkLimiter;

	constructor(devices: DeviceList, { accountLogins, addressLogins }: Limits) {
		this.#devices = devices;
		this.#limiter = new AccountAndNetworkLimiter(accountLogins, addressLogins, MINUTE);
	}

	/** Counts a login with a good secret. `now` is in monotonic milliseconds. */
	check({ account, credential, origin }: DeviceLogin, now: number): Device | Denial {
		const device = this.#devices.judge(account, credential.device);
		// Not counted: a guess cannot be right, and costs nothing to send. Anyone could use up what the
		// account's own devices may, or fill the limiter's memory with countless accounts and networks.
		if (device === "unknown") return deny("device_unknown");
		// Anyone who has a copy of a secret found the account's name beside it.
		if (device === "reused") return { ...deny("device_reused"), provedAccount: account };
		const { accountKey, networkKey } = origin;
		const wait = this.#limiter.wait(accountKey, networkKey, now);
		if (wait > 0) return deny("too_many_logins", Math.ceil(wait / 1000));
		this.#limiter.count(accountKey, networkKey, now);
		return device;
	}
}
