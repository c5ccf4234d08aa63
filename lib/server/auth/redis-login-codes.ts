import type { CodeCredential } from "../../wire/messages/credentials.ts";
import { MINUTE } from "../limits/rate-limiter.ts";
import { CODE_MINUTES } from "../mail/mail-job.ts";
import type { SharedValues } from "../redis/shared-values.ts";
import { denyCode, MAX_TRIES, newCode } from "./login-codes.ts";
import { ACCEPTED, deny, type LoginResult } from "./login-result.ts";

const RIGHT = -1;
const GONE = -2;
/**
 * A code is the tries that are left, as one digit, and a MAC: nobody who reads Redis learns it. Each
 * way through is one write, before anybody else's: of two logins at one moment the second finds nothing.
 */
const REDEEM = `local issued = redis.call("GET", KEYS[1])
if not issued then return ${GONE} end
local tries, mac = tonumber(string.sub(issued, 1, 1)) - 1, string.sub(issued, 2)
if mac == ARGV[1] or tries == 0 then redis.call("DEL", KEYS[1])
else redis.call("SET", KEYS[1], tries .. mac, "KEEPTTL") end
return mac == ARGV[1] and ${RIGHT} or tries`;
const ISSUE = `redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])`;

/** Codes that one server of a room issues and any of them takes. */
export class RedisLoginCodes {
	readonly #values: SharedValues;

	constructor(values: SharedValues) {
		this.#values = values;
	}

	async issue(account: string): Promise<{ ticket: string; code: string }> {
		const { ticket, code } = newCode();
		const issued = MAX_TRIES + this.#values.mac("code", ticket, account, code);
		const name = this.#nameOf(account, ticket);
		await this.#values.run(ISSUE, [name], [issued, CODE_MINUTES * MINUTE]);
		return { ticket, code };
	}

	async redeem(account: string, { ticket, code }: CodeCredential): Promise<LoginResult> {
		const mac = this.#values.mac("code", ticket, account, code);
		const left = Number(await this.#values.run(REDEEM, [this.#nameOf(account, ticket)], [mac]));
		if (left === RIGHT) return ACCEPTED;
		return left === GONE ? deny("code_expired") : denyCode(left);
	}

	#nameOf(account: string, ticket: string): string {
		return this.#values.nameOf("code", account, ticket);
	}
}
