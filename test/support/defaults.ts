import { type Limits, mapLimits } from "../../lib/server/limits/limits.ts";

/** Every limit at its default. */
export const DEFAULTS: Limits = mapLimits((limit) => limit.default);
