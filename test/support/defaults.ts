import { type Limits, mapLimits } from "../../lib/server/limits/limits.ts";

/** Every limit where it stands when nobody says otherwise. */
export const DEFAULTS: Limits = mapLimits((limit) => limit.default);
