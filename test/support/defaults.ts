import { LIMITS, type Limits } from "../../lib/server/limits/limits.ts";

const standard = Object.entries(LIMITS).map(([name, limit]) => [name, limit.default]);

/** Every limit where it stands when nobody says otherwise. */
export const DEFAULTS: Limits = Object.fromEntries(standard);
