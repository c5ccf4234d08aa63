import { ReasonedError, reason } from "../../wire/errors/reason.ts";
import type { Limits } from "./limits.ts";

/** Files besides connections: the log, the runtime's own, those read now and then, mails, and slack. */
const OWN_FILES = 48;
/** A login that is checked has a connection to the mail server, and at first one to a name server. */
const FILES_PER_CHECK = 2;
/** Connections for fewer members and strangers than this are no room. */
const MIN_CONNECTIONS = 8;

/** Why nobody else can join: the operator allows no more members, or the system does. */
export type FullCode = "room_full" | "busy";

interface Fitted {
	readonly limits: Limits;
	readonly fullCode: FullCode;
}

/** How many files this process may have open at once; Infinity if the system does not say. */
export function maxOpenFiles(): number {
	// The runtime has raised the soft limit to the hard one by now.
	const { userLimits }: { userLimits?: { open_files?: { soft?: unknown } } } =
		process.report.getReport();
	const soft = userLimits?.open_files?.soft;
	return typeof soft === "number" ? soft : Number.POSITIVE_INFINITY;
}

/**
 * The limits as far as `max` open files allow them. Never let the runtime reach that limit: it would
 * try to accept the same connection for ever, at full speed, and every other file would fail too.
 * Throws ReasonedError `too_few_files` if there is no room for anybody.
 */
export function fitOpenFiles(
	limits: Limits,
	max: number,
	hasPage: boolean,
	warn: (text: string) => void,
): Fitted {
	const { maxMembers, maxStrangers, gmailChecks } = limits;
	const own = OWN_FILES + FILES_PER_CHECK * gmailChecks;
	// As many strangers again may be on their way out; and as many browsers ask for the page.
	const perStranger = hasPage ? 4 : 2;
	const needed = own + maxMembers + perStranger * maxStrangers;
	if (needed <= max) return { limits, fullCode: "room_full" };
	const remedy = `Raise it to ${needed} (ulimit -n, or LimitNOFILE= in a systemd unit), or lower --max-members, --max-strangers and --gmail-checks.`;
	const left = max - own;
	if (left < MIN_CONNECTIONS) {
		const sentence = `This process may open only ${max} files, too few for a room. ${remedy}`;
		throw new ReasonedError(reason("too_few_files", sentence));
	}
	const strangers = Math.min(maxStrangers, Math.floor(left / (2 * perStranger)));
	const members = Math.min(maxMembers, left - perStranger * strangers);
	warn(
		`This process may open only ${max} files, so at most ${members} members and ${strangers} strangers can connect. ${remedy}`,
	);
	const fitted = { ...limits, maxMembers: members, maxStrangers: strangers };
	return { limits: fitted, fullCode: members < maxMembers ? "busy" : "room_full" };
}
