import type { Limits } from "../limits/limits.ts";
import type { SharedValues } from "../redis/shared-values.ts";
import type { LoginStore } from "./login-store.ts";
import { RedisCodeRequestLimiter, RedisLoginLimiter } from "./redis-limiters.ts";
import { RedisLoginCodes } from "./redis-login-codes.ts";
import { RedisProvedNetworks } from "./redis-proved-networks.ts";

/** In Redis: for a room with several servers. */
export const redisLoginStore = (values: SharedValues, limits: Limits): LoginStore => ({
	checks: new RedisLoginLimiter(values, "checks", limits),
	devices: new RedisLoginLimiter(values, "device logins", limits),
	codeRequests: new RedisCodeRequestLimiter(values, limits),
	codes: new RedisLoginCodes(values),
	networks: new RedisProvedNetworks(values),
});
