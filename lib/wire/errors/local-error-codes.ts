import { shellWord } from "../../util/shell-word.ts";
import { asSaid, atStart, found, type Row, row } from "./error-code-rows.ts";

// The error codes that never cross the wire.

const duration = (seconds: number): string => {
	if (seconds % 3600 === 0) return `${seconds / 3600} h`;
	return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
};

export const LOCAL_ERROR_CODES = {
	// Faults that a client detects
	server_unreachable: found("wait", asSaid),
	server_lost: found("resume", asSaid),
	server_gone: found(
		"wait",
		(seconds: number) =>
			`The server did not come back within ${duration(seconds)}. Try again later.`,
	),
	tls_timeout: found(
		"wait",
		(server: string) =>
			`The server at ${server} accepted the connection, but does not answer. Is it running with --tls?`,
	),
	server_unknown: found(
		"give_up",
		(server: string, shown: string, why: string, client: string) =>
			`${why} If the person who runs it confirms this fingerprint, join with: ${client} ${shellWord(`${server}#${shown}`)}`,
	),
	server_changed: found(
		"give_up",
		(server: string, known: readonly string[], shown: string, client: string) => {
			const changed = `The fingerprint of the server at ${server} has changed from ${known.join(" or ")} to ${shown}.`;
			// Where several servers have one name, the others still have theirs.
			const all = known.length === 1 ? [shown] : [...known, shown];
			const command = `${client} ${shellWord([server, ...all].join("#"))}`;
			return `${changed} Either its certificate is new, or somebody is impersonating it. If the person who runs it confirms the new fingerprint, join with: ${command}`;
		},
	),
	wrong_fingerprint: found(
		"give_up",
		(server: string, shown: string) =>
			`The server at ${server} has a different fingerprint. Either its certificate is new, or somebody is impersonating it. Ask the person who runs it whether this one is right: ${shown}`,
	),
	no_answer: found("give_up", asSaid),
	bad_epoch: found("give_up", asSaid),
	bad_order: found("give_up", "The room's messages arrived out of order."),
	/** The server said it in clear, where the client believes only a sealed message. */
	unverified: found("resume", asSaid),
	offline: found("go_on", "The connection is broken. Try again when you are connected."),
	bad_input: found("go_on", asSaid),
	no_echo: found("go_on", "No answer came from the room."),

	// A program that cannot start
	usage: atStart(asSaid),
	self_test_failed: atStart(asSaid),
	keys_unusable: row("correct", ["start", "client"], asSaid),
	keys_in_use: atStart(asSaid),
	state_unusable: atStart(asSaid),
	host_unusable: atStart(asSaid),
	port_in_use: atStart(asSaid),
	port_forbidden: atStart(asSaid),
	cannot_listen: atStart(asSaid),
	too_few_files: atStart(asSaid),
	bad_certificate: atStart(asSaid),
	allow_file: atStart(asSaid),
	bans_unusable: atStart(asSaid),
	devices_unusable: atStart(asSaid),
	bad_motd: atStart(asSaid),
	page_unusable: atStart(asSaid),
	room_log_unusable: atStart(asSaid),
} satisfies Record<string, Row>;
