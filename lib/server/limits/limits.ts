import { MAX_MEMBERS } from "../../wire/messages/fields.ts";
import { LOGIN_WAIT } from "../../wire/messages/login-methods.ts";

/** A limit's default, the range it may be set in, and its help. */
interface Limit {
	readonly default: number;
	readonly min: number;
	readonly max: number;
	readonly help: string;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * How much anyone may ask of the server. Each limit is a flag: `maxMembers` is `--max-members`.
 * Times are in seconds, sizes in bytes.
 */
export const LIMITS = {
	maxMembers: { default: 1000, min: 1, max: MAX_MEMBERS, help: "members at once" },
	maxPerAddress: { default: 128, min: 1, max: 100_000, help: "connections from one IP address" },
	maxStrangers: {
		default: 256,
		min: 1,
		max: 100_000,
		help: "connections that have not logged in yet",
	},
	helloTime: { default: 10, min: 1, max: 600, help: "seconds to send the first line" },
	keyTime: { default: 10, min: 1, max: 600, help: "seconds to find the key file" },
	loginTime: { default: 10, min: 1, max: 600, help: "seconds to log in after that" },
	/** A client gives up at LOGIN_WAIT, and its login may first have to wait for its turn. */
	gmailTime: { default: 20, min: 1, max: LOGIN_WAIT - 10, help: "seconds to wait for Gmail" },
	gmailChecks: {
		default: 8,
		min: 1,
		max: 1000,
		help: "logins checked with Gmail at once",
	},
	accountLogins: { default: 3, min: 1, max: 1000, help: "logins per minute to one account" },
	addressLogins: {
		default: 60,
		min: 1,
		max: 1_000_000,
		help: "logins per minute from one IP address",
	},
	accountCodes: { default: 5, min: 1, max: 1000, help: "codes per hour mailed to one account" },
	addressCodes: {
		default: 60,
		min: 1,
		max: 1_000_000,
		help: "codes per hour requested from one IP address",
	},
	codes: { default: 200, min: 1, max: 100_000, help: "codes per hour in total" },
	rememberDays: {
		default: 30,
		min: 0,
		max: 3650,
		help: "days for which an unused device is remembered, none if 0",
	},
	grace: { default: 600, min: 0, max: 86_400, help: "seconds to come back after a break" },
	idleTime: { default: 30, min: 1, max: 3600, help: "seconds of silence that count as a break" },
	loginLine: { default: 4 * KIB, min: KIB, max: 64 * KIB, help: "bytes of a line before login" },
	/** Below the default, not every text that the wire allows would fit a line. */
	messageLine: { default: 72 * KIB, min: 72 * KIB, max: MIB, help: "bytes of a line after login" },
	messageRate: { default: 30, min: 1, max: 1_000_000, help: "messages per second from one member" },
	messageBurst: {
		default: 300,
		min: 1,
		max: 1_000_000,
		help: "messages one member may send in a burst",
	},
	queueBytes: {
		default: 8 * MIB,
		min: MIB,
		max: 1024 * MIB,
		help: "bytes kept for a slow reader",
	},
	logEvents: {
		default: 10_000,
		min: 1,
		max: 1_000_000,
		help: "events kept for members who come back",
	},
	logBytes: {
		default: 4 * MIB,
		min: 2 * MIB,
		max: 1024 * MIB,
		help: "bytes of memory for those events",
	},
} satisfies Record<string, Limit>;

type LimitName = keyof typeof LIMITS;
export type Limits = Readonly<Record<LimitName, number>>;

/** Computes a value for each limit, under the limit's name. */
export function mapLimits<T>(
	toValue: (limit: Limit, name: LimitName) => T,
): Readonly<Record<LimitName, T>> {
	const rows = Object.entries(LIMITS) as [LimitName, Limit][];
	const values = rows.map(([name, limit]) => [name, toValue(limit, name)] as const);
	return Object.fromEntries(values) as Record<LimitName, T>;
}
