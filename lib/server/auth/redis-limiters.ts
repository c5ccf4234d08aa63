import type { Limits } from "../limits/limits.ts";
import { type AttemptKeys, type AttemptLimiter, HOUR, MINUTE } from "../limits/rate-limiter.ts";
import type { SharedValues } from "../redis/shared-values.ts";
import { codeQuotas } from "./code-request-limiter.ts";
import type { CountedOrigin } from "./proved-networks.ts";

/** A window is cut into so many slots, so that a count takes little memory, however high its limit. */
const SLOTS = 60;
/**
 * Asks several counts at once and, if all allow an attempt, counts it in each. Of the counts after the
 * first ARGV[2] one is enough. A count is "slot:attempts,…", and an attempt stays in it until the last
 * moment of its slot is a whole window ago: never are there more than the limit in any window. What a
 * clock that was set back shows as yet to come does not count.
 *
 * A crash of Redis between two of these writes makes no count wrong: each stands alone and has its end,
 * and nobody got an answer to the attempt that some of them lack.
 */
const ATTEMPT = `local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wait, shortest, texts, lifetimes = 0, nil, {}, {}
for i, name in ipairs(KEYS) do
	local max, width = tonumber(ARGV[2 * i + 1]), ARGV[2 * i + 2] / ${SLOTS}
	local current = math.floor(now / width)
	local slots, total = {}, 0
	for slot, count in string.gmatch(redis.call("GET", name) or "", "(%d+):(%d+)") do
		slot, count = tonumber(slot), tonumber(count)
		if slot <= current and slot >= current - ${SLOTS} then
			table.insert(slots, {slot, count})
			total = total + count
		end
	end
	local own = 0
	for _, each in ipairs(slots) do
		if total < max then break end
		total = total - each[2]
		own = (each[1] + ${SLOTS} + 1) * width - now
	end
	if i <= tonumber(ARGV[2]) then wait = math.max(wait, own)
	else shortest = math.min(shortest or own, own) end
	local last = slots[#slots]
	if last and last[1] == current then last[2] = last[2] + 1
	else table.insert(slots, {current, 1}) end
	for j, each in ipairs(slots) do slots[j] = each[1] .. ":" .. each[2] end
	texts[i], lifetimes[i] = table.concat(slots, ","), (${SLOTS} + 1) * width
end
wait = math.max(wait, shortest or 0)
if wait > 0 or ARGV[1] == "look" then return wait end
for i, name in ipairs(KEYS) do redis.call("SET", name, texts[i], "PX", lifetimes[i]) end
return 0`;

/** How many attempts are counted under a name, in so many milliseconds. */
type Count = readonly [name: string, max: number, window: number];

/** Counts attempts over all servers of a room. */
abstract class RedisLimiter<K extends AttemptKeys> implements AttemptLimiter<K> {
	protected readonly values: SharedValues;

	constructor(values: SharedValues) {
		this.values = values;
	}

	/** The counts that must all allow an attempt, and those of which one must. */
	protected abstract countsOf(keys: K): { readonly all: Count[]; readonly any: Count[] };

	wait(keys: K): Promise<number> {
		return this.#ask("look", keys);
	}

	take(keys: K): Promise<number> {
		return this.#ask("count", keys);
	}

	async #ask(mode: "look" | "count", keys: K): Promise<number> {
		const { all, any } = this.countsOf(keys);
		const counts = [...all, ...any];
		const names = counts.map(([name]) => name);
		const limits = counts.flatMap(([, max, window]) => [max, window]);
		return Number(await this.values.run(ATTEMPT, names, [mode, all.length, ...limits]));
	}
}

/** Limits the logins of one kind a minute. */
export class RedisLoginLimiter extends RedisLimiter<AttemptKeys> {
	readonly #kind: string;
	readonly #limits: Limits;

	constructor(values: SharedValues, kind: string, limits: Limits) {
		super(values);
		this.#kind = kind;
		this.#limits = limits;
	}

	protected override countsOf({ accountKey, networkKey }: AttemptKeys) {
		const { accountLogins, addressLogins } = this.#limits;
		const all: Count[] = [
			[this.values.nameOf(this.#kind, "account", accountKey), accountLogins, MINUTE],
			[this.values.nameOf(this.#kind, "network", networkKey), addressLogins, MINUTE],
		];
		return { all, any: [] };
	}
}

/** Limits requests for codes an hour, as CodeRequestLimiter does for one server. */
export class RedisCodeRequestLimiter extends RedisLimiter<CountedOrigin> {
	readonly #quotas: ReturnType<typeof codeQuotas>;

	constructor(values: SharedValues, limits: Limits) {
		super(values);
		this.#quotas = codeQuotas(limits);
	}

	protected override countsOf({ accountKey, networkKey, networks, rank }: CountedOrigin) {
		const count = (quota: keyof ReturnType<typeof codeQuotas>, key = ""): Count => {
			return [this.values.nameOf("code requests", quota, key), this.#quotas[quota], HOUR];
		};
		const all = [count("account", accountKey), count("network", networkKey), count("all")];
		if (rank === "home") return { all, any: [] };
		const any = [count("halfOfStrangers"), count("whenShort", networks[0])];
		return { all: [...all, count("strangers")], any };
	}
}
