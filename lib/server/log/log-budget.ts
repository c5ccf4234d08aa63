import { networksOf } from "../limits/ip-address.ts";
import { HOUR } from "../limits/rate-limiter.ts";

const KIB = 1024;
/**
 * Bytes of log that each source may cause in an hour. A day touches at most 25 hours:
 * 25 × (640 + 2 × 64) KiB = 19.7 MB from all strangers, who can also cause warnings and errors, and
 * 25 × 192 KiB = 4.9 MB from one account.
 */
const STRANGERS_BYTES = 640 * KIB;
const NETWORK_BYTES = 64 * KIB;
/** Beyond this part of what strangers get, the rest is for networks that have caused little so far. */
const STRANGERS_PLENTY = (3 / 4) * STRANGERS_BYTES;
const QUIET_NETWORK_BYTES = 4 * KIB;
const EVENT_BYTES = 64 * KIB;
const ACCOUNT_BYTES = 192 * KIB;
/** Enough for 10,000 members who come, are cut off twice and go within one hour. */
const ACCOUNTS_BYTES = 8 * KIB * KIB;

/** The fields of a log entry that say who caused it. */
interface Caused {
	readonly event: string;
	readonly account?: string;
	readonly ip?: string | undefined;
	readonly code?: string;
}

interface Charge {
	readonly source: string;
	readonly max: number;
}

/** How much of the operator's disk anyone may fill in an hour. */
export class LogBudget {
	#hour = Number.NaN;
	/** Bytes by source: no more sources than the strangers' and the accounts' lines of one hour. */
	readonly #spent = new Map<string, number>();

	/** Begins a new hour if it is time; says whether it did. `now`: monotonic milliseconds. */
	renew(now: number): boolean {
		const hour = Math.floor(now / HOUR);
		if (hour === this.#hour) return false;
		this.#hour = hour;
		this.#spent.clear();
		return true;
	}

	allows(entry: Caused, bytes: number): boolean {
		return this.#chargesOf(entry).every(({ source, max }) => this.#spentBy(source) + bytes <= max);
	}

	spend(entry: Caused, bytes: number): void {
		for (const { source } of this.#chargesOf(entry)) {
			this.#spent.set(source, this.#spentBy(source) + bytes);
		}
	}

	#spentBy(source: string): number {
		return this.#spent.get(source) ?? 0;
	}

	/** An account that is refused is a stranger's: strangers must not use up what members may cause. */
	#chargesOf({ event, account, ip, code }: Caused): Charge[] {
		if (account !== undefined && (event !== "refused" || code === "not_owner")) {
			return [
				{ source: account, max: ACCOUNT_BYTES },
				{ source: "accounts", max: ACCOUNTS_BYTES },
			];
		}
		if (ip === undefined) return [{ source: event, max: EVENT_BYTES }];
		// A few networks must not blind the operator to what all others do.
		const isPlenty = this.#spentBy("strangers") <= STRANGERS_PLENTY;
		return [
			{ source: networksOf(ip)[0] ?? ip, max: isPlenty ? NETWORK_BYTES : QUIET_NETWORK_BYTES },
			{ source: "strangers", max: STRANGERS_BYTES },
		];
	}
}
