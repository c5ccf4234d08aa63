import type { CodeCredential } from "../../wire/messages/credentials.ts";
import type { Limits } from "../limits/limits.ts";
import { AccountAndNetworkLimiter, type AttemptLimiter, MINUTE } from "../limits/rate-limiter.ts";
import { CodeRequestLimiter } from "./code-request-limiter.ts";
import { LoginCodes } from "./login-codes.ts";
import type { LoginResult } from "./login-result.ts";
import { type CountedOrigin, ProvedNetworks } from "./proved-networks.ts";

/** What is at hand in this process, or comes from elsewhere. */
type Awaitable<T> = T | Promise<T>;

/**
 * What a login leaves behind for later ones: in this process, or where all servers of a room see it.
 * There, all throw StoreUnavailable. `now` is in this process' monotonic milliseconds.
 */
export interface LoginStore {
	/** Logins that a mail server checks. */
	readonly checks: AttemptLimiter;
	/** Logins of remembered devices. */
	readonly devices: AttemptLimiter;
	readonly codeRequests: AttemptLimiter<CountedOrigin>;
	readonly codes: {
		issue(account: string, now: number): Awaitable<{ ticket: string; code: string }>;
		/** Accepts a code once. */
		redeem(account: string, credential: CodeCredential, now: number): Awaitable<LoginResult>;
	};
	readonly networks: {
		originOf(account: string, ip: string, now: number): Awaitable<CountedOrigin>;
		/** The account was proved there. Never throws. */
		add(account: string, ip: string, now: number): Awaitable<void>;
	};
}

/** In this process: for a room with one server. */
export const localLoginStore = (limits: Limits): LoginStore => ({
	checks: minuteLimiter(limits),
	devices: minuteLimiter(limits),
	codeRequests: new CodeRequestLimiter(limits),
	codes: new LoginCodes(),
	networks: new ProvedNetworks(),
});

/** Limits logins in this process. */
const minuteLimiter = ({ accountLogins, addressLogins }: Limits): AccountAndNetworkLimiter =>
	new AccountAndNetworkLimiter(accountLogins, addressLogins, MINUTE);
