import type { Row } from "./figures.ts";

/** What the median of a ratio must reach, or must not exceed. */
export type Bound = { readonly least: number } | { readonly most: number };

const DELIVERIES = {
	"32 members": { WebSocket: { least: 1 }, InspIRCd: { least: 1.3 } },
	"100 members": { WebSocket: { least: 1.3 }, InspIRCd: { least: 3 } },
	"1,000 members": { WebSocket: { least: 3 }, InspIRCd: { least: 8 } },
};
const FERNET = {
	"64 B": {
		"npm fernet": { least: 25 },
		"Python cryptography": { least: 15 },
		"bare AES + HMAC": { least: 0.5 },
	},
};

/** Bounds by measurement, size and contender. */
const BOUNDS: Record<string, Record<string, Record<string, Bound>>> = {
	deliveries: DELIVERIES,
	"deliveries over TLS": {
		"100 members": { WebSocket: { least: 1 } },
		"1,000 members": { WebSocket: { least: 2 } },
	},
	"server CPU per delivery": {
		"100 members": { WebSocket: { most: 0.8 } },
		"1,000 members": { WebSocket: { most: 0.4 } },
	},
	"latency, 99th percentile": { "1,000 members, 200/s": { WebSocket: { most: 1.2 } } },
	"memory per connection": { "5,000 members": { WebSocket: { most: 1 } } },
	"Fernet, encrypt": FERNET,
	"Fernet, decrypt": FERNET,
};

export function boundOf({ what, size, who }: Row): Bound | undefined {
	return BOUNDS[what]?.[size]?.[who];
}

export function holds(bound: Bound, median: number): boolean {
	return "least" in bound ? median >= bound.least : median <= bound.most;
}
