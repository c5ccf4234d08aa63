import type { LoginMethod } from "./login-methods.ts";

// Every code by which the server tells a client, or a client tells its user, that something is
// wrong or over: where the code appears, what a client does next, and what a person reads.

/**
 * Where a code appears: in a clear line, in one of three messages, in what a client finds itself, or
 * where a program cannot start.
 */
type SaidIn = "clear" | "denied" | "refused" | "closing" | "client" | "start";

export type NextStep =
	/** The connection goes on; only this request failed. */
	| "go_on"
	/** The user must correct something in the login first. */
	| "correct"
	/** The same attempt may succeed later. */
	| "wait"
	/** The room keeps the member's place: come back with the resume token. */
	| "resume"
	/** The room has given the place up: log in again. */
	| "log_in"
	/** The visit has ended as it should. */
	| "end"
	/** The room rejects this account: stay away. */
	| "stay_away"
	/**
	 * One of the two programs is at fault, or this is not the right server. A member whose connection
	 * ends so still tries to come back on a new one, as long as it trusts the server.
	 */
	| "give_up";

interface Row {
	readonly saidIn: readonly SaidIn[];
	readonly next: NextStep;
	/** What a person reads; a function if it depends on what happened. */
	readonly text: string | ((...details: never[]) => string);
}

const row = <const S extends readonly SaidIn[], T extends Row["text"]>(
	next: NextStep,
	saidIn: S,
	text: T,
) => ({ saidIn, next, text });

/** Before there is a key, every error is in clear. */
const inClear = <T extends Row["text"]>(text: T) => row("give_up", ["clear"], text);
/** The server ends the connection; a client that finds the same does so too. */
const breach = <T extends Row["text"]>(text: T) => row("give_up", ["closing", "client"], text);
const denied = <T extends Row["text"]>(next: NextStep, text: T) => row(next, ["denied"], text);
const refused = <T extends Row["text"]>(text: T) => row("go_on", ["refused"], text);
const closing = <T extends Row["text"]>(next: NextStep, text: T) => row(next, ["closing"], text);
/** A fault that only a client can detect. */
const found = <T extends Row["text"]>(next: NextStep, text: T) => row(next, ["client"], text);
/** A program cannot start: it prints the text and exits with code 1. */
const atStart = <T extends Row["text"]>(text: T) => row("correct", ["start"], text);

/** For codes whose text only the place that detects the fault can write. */
const asSaid = (text: string): string => text;
const because = (reason: string | undefined): string => (reason === undefined ? "" : `: ${reason}`);

export const APP_PASSWORDS = "https://myaccount.google.com/apppasswords";
const METHOD_NAMES: Record<LoginMethod, string> = {
	password: "an app password",
	token: "an access token",
	code: "a code by mail",
};

export const ERROR_CODES = {
	// Hello and key
	not_fernet_chat: row("give_up", ["clear", "client"], asSaid),
	bad_version: inClear("this server speaks version 1"),
	bad_session_id: inClear("a session id is 32 of 0-9 a-f"),
	session_in_use: inClear("this session id serves another connection"),
	key_in_clear: inClear("a key was sent in clear; never use it again, put it into the keys folder"),
	invalid_key: inClear("a Fernet key is 32 bytes in base64url, 44 characters"),
	bad_key_file: inClear(asSaid),
	no_tls: row("give_up", ["clear", "client"], asSaid),

	// Lines and tokens
	line_too_long: row(
		"give_up",
		["clear", "closing", "client"],
		(limit: number) => `a line may have at most ${limit} bytes`,
	),
	bad_token: breach("a line was not a valid token under the key it came with"),
	bad_count: breach("a message was repeated, dropped or out of order"),
	bad_message: breach(asSaid),
	bad_type: breach(asSaid),
	bad_field: row("correct", ["denied", "refused", "client"], asSaid),
	too_early: row("give_up", ["clear", "closing"], "wait for the answer to the login"),
	login_first: closing("give_up", "the first message must be a login or a resume"),
	already_logged_in: closing("give_up", "this connection has logged in already"),

	// A login
	clock_skew: denied("correct", (ahead: number, allowed: number) => {
		const how = `${Math.abs(ahead)} s ${ahead > 0 ? "ahead of" : "behind"} the server's`;
		return `your clock is ${how}; at most ${allowed} s are allowed`;
	}),
	method_not_accepted: row(
		"correct",
		["denied", "client"],
		(method: LoginMethod, accepted: readonly LoginMethod[]) =>
			`this server does not take ${METHOD_NAMES[method]}; it takes ${accepted.map((each) => METHOD_NAMES[each]).join(", or ")}`,
	),
	wrong_password: denied(
		"correct",
		`Gmail did not accept this address and app password. The account's normal password does not work here; make an app password at ${APP_PASSWORDS}`,
	),
	wrong_token: denied(
		"correct",
		"Gmail did not accept this token for this address: it has expired, as a token does within the hour, or it is another account's, or it lacks the scope https://mail.google.com/. Get a new one",
	),
	app_password_needed: denied(
		"correct",
		`Gmail wants an app password for this account; make one at ${APP_PASSWORDS}`,
	),
	browser_needed: denied(
		"correct",
		"Google wants you to sign in to this account in a web browser first; then try again",
	),
	wrong_code: denied("correct", (tries: number) => {
		const left = tries === 1 ? "one try is left" : `${tries} tries are left`;
		return `that is not the code in the mail; ${left}`;
	}),
	code_expired: denied("correct", "this code is not good any more; ask for a new one"),
	not_gmail: denied(
		"correct",
		"a code can be mailed to an address at gmail.com, or to one that whoever runs the server has listed",
	),
	not_allowed: denied(
		"correct",
		"your login is right, but this account is not among those that may come in; ask whoever runs the server to add it",
	),
	name_taken: denied(
		"correct",
		(holder: string, name: string) =>
			`the name ${holder} is taken, and ${name} looks like it; choose another`,
	),
	room_full: denied("wait", "the room is full; try again when somebody has left"),
	busy: denied("wait", "many people are logging in; try again in a minute"),
	too_many_logins: denied(
		"wait",
		(seconds: number) => `too many logins; try again in ${seconds} s`,
	),
	too_many_codes: denied(
		"wait",
		(minutes: number) => `too many codes; try again in ${minutes} min`,
	),
	gmail_too_many_logins: denied(
		"wait",
		(method: LoginMethod) =>
			`Gmail has seen too many logins to this account; wait some minutes. Your ${method} may well be right`,
	),
	gmail_busy: denied(
		"wait",
		(method: LoginMethod) =>
			`Gmail cannot check logins at the moment; your ${method} was not judged. Try again later`,
	),
	gmail_unreachable: denied(
		"wait",
		(method: LoginMethod, fault: string) =>
			`the mail server could not be reached, or could not prove who it is (${fault}); your ${method} was not judged. Try again later`,
	),
	lobby_full: row(
		"wait",
		["clear", "closing"],
		"too many people are at the door; try again in a minute",
	),
	too_many_connections: row("wait", ["clear", "closing"], "too many connections from your address"),
	login_timeout: row(
		"wait",
		["clear", "closing"],
		(awaited: string) => `no ${awaited} came in time`,
	),
	resume_expired: denied("log_in", "the room does not know you any more; log in again"),

	// Requests of a member
	already_said: refused("that was said already, under this id"),
	no_such_member: refused((name: string) => `nobody here is called ${name}`),
	muted: refused("an owner of the room has muted you: what you say is not passed on"),
	not_owner: refused("only an owner of the room can do that"),
	is_owner: refused("an owner of the room cannot be kicked, banned or muted"),
	not_banned: refused((address: string) => `${address} is not banned`),
	already_muted: refused((name: string) => `${name} is muted already`),
	not_muted: refused((who: string) => `${who} is not muted`),
	invalid_address: refused((address: string) => `no account can have the address ${address}`),
	too_many_bans: refused("so many are banned that no more can be; see /banned"),
	too_many_mutes: refused("so many are muted that no more can be"),
	not_saved: refused(
		(what: string) => `${what}: it could not be written down, the server's output says why`,
	),

	// The end of a visit or of a connection
	left: row("end", ["closing", "client"], "you have left the room"),
	room_ended: closing("end", "the room is empty"),
	room_closed: closing("end", (by: string) => `${by} has closed the room`),
	server_stopped: row("end", ["closing", "clear"], "the server was stopped"),
	kicked: row(
		"stay_away",
		["closing", "denied"],
		(by: string, reason?: string) => `${by} has sent you out of the room${because(reason)}`,
	),
	banned: row("stay_away", ["closing", "denied"], (by?: string, reason?: string) =>
		by === undefined
			? "this account is banned from the room"
			: `${by} has banned you from the room${because(reason)}`,
	),
	replaced: closing("give_up", (how: string) => `this account has ${how}`),
	too_slow: closing("resume", "you read more slowly than the room speaks"),
	idle_timeout: closing("resume", "nothing was heard from you; a client sends a ping now and then"),
	server_fault: row(
		"resume",
		["clear", "closing"],
		"the server failed at this; what you sent was not at fault",
	),

	// Faults that a client detects
	server_unreachable: found("wait", asSaid),
	server_lost: found("resume", asSaid),
	tls_timeout: found("wait", (server: string) => `the server at ${server} does not answer in TLS`),
	server_unknown: found(
		"give_up",
		(server: string, shown: string) =>
			`nobody vouches for the server at ${server}: join with ${server}#${shown} if its owner says that this is its fingerprint`,
	),
	server_changed: found(
		"give_up",
		(server: string, known: string, shown: string) =>
			`the server at ${server} is not the one it was: its fingerprint was ${known} and is ${shown}. Either its certificate was changed, or somebody pretends to be it. Ask its owner, and join with ${server}#${shown} if they say that this is right`,
	),
	wrong_fingerprint: found(
		"give_up",
		(server: string, shown: string) =>
			`the server at ${server} has another fingerprint, ${shown}: either its certificate was changed, or somebody pretends to be it. Ask its owner for the fingerprint`,
	),
	no_answer: found("give_up", asSaid),
	bad_epoch: found("give_up", asSaid),
	bad_order: found("give_up", "the room's messages came out of order"),
	/** The server said it in clear, where the client believes only a sealed message. */
	unverified: found("resume", asSaid),
	offline: found("go_on", "not done: the connection is broken"),
	bad_input: found("go_on", asSaid),
	no_echo: found("go_on", "no answer from the room"),

	// A program that cannot start
	usage: atStart(asSaid),
	self_test_failed: atStart(asSaid),
	keys_unusable: row("correct", ["start", "client"], asSaid),
	keys_in_use: atStart(asSaid),
	state_unusable: atStart(asSaid),
	port_in_use: atStart(asSaid),
	cannot_listen: atStart(asSaid),
	bad_certificate: atStart(asSaid),
	allow_file: atStart(asSaid),
	bans_unusable: atStart(asSaid),
	bad_motd: atStart(asSaid),
} satisfies Record<string, Row>;

export type ErrorCode = keyof typeof ERROR_CODES;
/** The codes that appear in some place: one said in the wrong place is a type error. */
export type CodeSaidIn<S extends SaidIn> = {
	[C in ErrorCode]: S extends (typeof ERROR_CODES)[C]["saidIn"][number] ? C : never;
}[ErrorCode];
