import type { Row } from "./figures.ts";

/** What the median of a ratio must reach, or must not exceed; for ours alone, of the figure itself. */
export type Bound = { readonly least: number } | { readonly most: number };

const DELIVERIES = {
	"32 members": { WebSocket: { least: 1.5 }, bound: { least: 0.55 }, InspIRCd: { least: 1.3 } },
	"100 members": { WebSocket: { least: 3 }, bound: { least: 0.5 }, InspIRCd: { least: 3 } },
	"1,000 members": { WebSocket: { least: 6 }, bound: { least: 0.55 }, InspIRCd: { least: 8 } },
	"5,000 members": { WebSocket: { least: 6 }, bound: { least: 0.55 } },
};
const FERNET = {
	"64 B": {
		"npm fernet": { least: 25 },
		"Python cryptography": { least: 15 },
		"bare AES + HMAC": { least: 1.2 },
	},
};

/** Bounds by measurement, size and contender. */
const BOUNDS: Record<string, Record<string, Record<string, Bound>>> = {
	deliveries: DELIVERIES,
	"deliveries, incompressible texts": {
		"32 members": { bound: { least: 0.5 } },
		"100 members": { bound: { least: 0.4 } },
		"1,000 members": { bound: { least: 0.4 } },
		"5,000 members": { bound: { least: 0.4 } },
	},
	"deliveries over TLS": {
		"100 members": { bound: { least: 0.4 } },
		"1,000 members": { bound: { least: 0.4 } },
	},
	"server CPU per delivery": {
		"32 members": { WebSocket: { most: 0.6 } },
		"1,000 members": { WebSocket: { most: 0.15 } },
	},
	"latency, median": { "1,000 members, 200/s": { WebSocket: { most: 0.9 } } },
	"latency, 99th percentile": { "1,000 members, 200/s": { WebSocket: { most: 1 } } },
	"one line in a quiet room": { "10 members": { "bare TCP": { most: 1.5 } } },
	"all join": { "10,000 members": { "fernet-chat": { most: 15 } } },
	"memory per connection": {
		"5,000 members": { WebSocket: { most: 3 } },
		"10,000 members": { "fernet-chat": { most: 10 } },
	},
	"deliveries after all joined": { "10,000 members": { WebSocket: { least: 5 } } },
	"server's start": { "to a connection": { "bare Bun": { most: 8 } } },
	"client's start": { "with --json, to a connection": { "bare Bun": { most: 7 } } },
	"Fernet, encrypt": FERNET,
	"Fernet, decrypt": FERNET,
};

export function boundOf({ what, size, who }: Row): Bound | undefined {
	return BOUNDS[what]?.[size]?.[who];
}

export function holds(bound: Bound, median: number): boolean {
	return "least" in bound ? median >= bound.least : median <= bound.most;
}
