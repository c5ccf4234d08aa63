import {
	asSaid,
	breach,
	closing,
	denied,
	inClear,
	type Row,
	refused,
	row,
	type SaidIn,
} from "./error-code-rows.ts";
import { LOCAL_ERROR_CODES } from "./local-error-codes.ts";

// Every code by which the server tells a client, or a client tells its user, that something is
// wrong or over: where the code appears, what a client does next, and what a person reads.

/** Ends a sentence with the words of an owner, if there are any. */
const because = (reason: string | undefined): string =>
	reason === undefined ? "." : `: ${reason}`;
const accounts = (max: number): string => `${max.toLocaleString("en")} accounts`;

const oneOf = (names: string[]): string =>
	new Intl.ListFormat("en-GB", { type: "disjunction" }).format(names);

export const APP_PASSWORDS = "https://myaccount.google.com/apppasswords";
/** What a person calls the service that checks logins, if it is not another mail server. */
export const GMAIL_NAME = "Gmail";

export const ERROR_CODES = {
	// Hello and key
	not_fernet_chat: row("give_up", ["clear", "client"], asSaid),
	bad_version: inClear(
		(version: number) =>
			`This server speaks version 1 of FERNET-CHAT, and your client speaks version ${version}. Update the ${version > 1 ? "server" : "client"}.`,
	),
	bad_session_id: inClear("A session id must be 32 characters of 0-9 a-f."),
	session_in_use: inClear(
		"This session id is already taken: another connection is using it, or its key is already in the keys folder. Choose a new one.",
	),
	key_in_clear: inClear(
		"Your client sent a key in clear. Never use that key again; put the next one into the keys folder, or connect over TLS.",
	),
	invalid_key: inClear("A Fernet key must be 32 bytes in base64url, which is 44 characters."),
	bad_key_file: inClear(asSaid),
	no_tls: row("give_up", ["clear", "client"], asSaid),

	// Lines and tokens
	line_too_long: row(
		"give_up",
		["clear", "closing", "client"],
		(limit: number) => `A line must not be longer than ${limit} bytes.`,
	),
	bad_token: breach("A line is not a valid token under its key."),
	bad_count: breach("A token was repeated, lost or out of order."),
	bad_message: breach(asSaid),
	bad_type: breach("A message of this type is sent only in the other direction."),
	bad_field: row("correct", ["denied", "refused", "client"], asSaid),
	too_early: row(
		"give_up",
		["clear", "closing"],
		"Wait for the answer to your login before you send anything else.",
	),
	login_first: closing(
		"give_up",
		"The first message must be a login, a resume or a question about logging in.",
	),
	already_logged_in: closing("give_up", "This connection is already logged in."),

	// A login
	invalid_address: row(
		"correct",
		["denied", "refused"],
		(address: string) => `No account can have the address ${address}.`,
	),
	clock_skew: denied("correct", (ahead: number, allowed: number) => {
		const how = `${Math.abs(ahead)} s ${ahead > 0 ? "ahead of" : "behind"} the server's`;
		return `Your clock is ${how}, and at most ${allowed} s are allowed. Set your clock and try again.`;
	}),
	method_not_accepted: row(
		"correct",
		["denied", "client"],
		(method: string, accepted: string[]) =>
			`This server does not accept ${method}. Log in with ${oneOf(accepted)}.`,
	),
	wrong_password: denied("correct", (service: string) =>
		service === GMAIL_NAME
			? `Gmail rejected this address and app password. Your normal password does not work here; create an app password at ${APP_PASSWORDS}`
			: `${service} rejected this address and password.`,
	),
	wrong_token: denied("correct", (service: string) => {
		const rejected = `${service} rejected this token for this address. It may have expired`;
		return service === GMAIL_NAME
			? `${rejected} (a token lasts an hour), belong to another account, or lack its scope. Get a new one with the scope https://mail.google.com/`
			: `${rejected}, belong to another account, or lack a scope. Get a new one.`;
	}),
	app_password_needed: denied(
		"correct",
		(service: string) =>
			`${service} requires an app password for this account.${service === GMAIL_NAME ? ` Create one at ${APP_PASSWORDS}` : ""}`,
	),
	browser_needed: denied(
		"correct",
		"Google wants you to sign in to this account in a web browser first. Do that, then try again.",
	),
	wrong_code: denied("correct", (tries: number) => {
		const left = tries === 1 ? "one try" : `${tries} tries`;
		return `That is not the code in the mail. You have ${left} left.`;
	}),
	code_expired: denied("correct", "This code is no longer valid. Request a new one."),
	device_unknown: denied("correct", "This device is not remembered here any more. Log in again."),
	device_reused: denied(
		"correct",
		"A copy of what this device remembers has been used, so it counts no longer. If you have not copied it yourself, somebody has stolen it. Log in again, and have all your devices forgotten with /signout all.",
	),
	not_gmail: denied(
		"correct",
		"This server mails codes only to gmail.com addresses and to those on its guest list; outside gmail.com, to none with a tag (+…).",
	),
	not_allowed: denied(
		"correct",
		"Your login is correct, but this account is not on the room's guest list. Ask the person who runs the server to add it.",
	),
	name_taken: denied("correct", (holder: string, name: string) =>
		holder.toLowerCase() === name.toLowerCase()
			? `The name "${holder}" is already in use. Choose another.`
			: `"${name}" looks too much like "${holder}", who is here. Choose another name.`,
	),
	room_full: denied("wait", "The room is full. Try again when somebody has left."),
	busy: row(
		"wait",
		["clear", "denied"],
		"The server has too much to do right now. Try again in a minute.",
	),
	store_unavailable: denied("wait", (isShared: boolean) =>
		isShared
			? "The room's servers cannot reach the store that they share right now. Try again in a moment."
			: "The server cannot write to what keeps the room right now. Try again later, or ask the person who runs it.",
	),
	too_many_logins: denied(
		"wait",
		(seconds: number) => `There were too many login attempts. Try again in ${seconds} s.`,
	),
	too_many_codes: denied(
		"wait",
		(minutes: number) => `Too many codes were requested. Try again in ${minutes} min.`,
	),
	gmail_too_many_logins: denied(
		"wait",
		(method: string, service: string) =>
			`${service} has seen too many logins to this account. Wait a few minutes; your ${method} may well be correct.`,
	),
	gmail_busy: denied(
		"wait",
		(method: string, service: string) =>
			`${service} cannot check logins right now, so your ${method} was not checked. Try again later.`,
	),
	gmail_unreachable: denied(
		"wait",
		(method: string, fault: string) =>
			`The server could not reach the mail server, or could not verify its identity (${fault}). Your ${method} was not checked. Try again later.`,
	),
	lobby_full: row(
		"wait",
		["clear", "closing"],
		"Too many people are connecting right now. Try again in a minute.",
	),
	too_many_connections: row(
		"wait",
		["clear", "closing"],
		"There are too many connections from your network. Close some, or try again later.",
	),
	login_timeout: row(
		"wait",
		["clear", "closing"],
		(missed: string) => `The server ${missed} in time.`,
	),
	resume_expired: denied(
		"log_in",
		"The room no longer knows you: you were away too long, or it is a new room.",
	),
	room_went_back: denied(
		"log_in",
		"The server has lost the last of what was said, and the room is as it was before that. Log in again.",
	),

	// Requests of a member
	unknown_type: refused((type: string) => {
		const named = /^\w{1,40}$/.test(type) ? ` of type "${type}"` : " of this type";
		return `There is no request${named} in this version.`;
	}),
	already_said: refused("You have already sent a message with this id."),
	not_taken: refused(
		"The server takes nothing for now, because it cannot write to what keeps the room. Ask the person who runs it.",
	),
	try_later: refused("The server cannot do that right now. Try again in a minute."),
	no_such_member: refused((name: string, isTaken?: boolean) =>
		isTaken
			? `The "${name}" whom you meant has left. If you mean whoever has the name now, write it again.`
			: `Nobody here is called "${name}".`,
	),
	muted: refused("An owner of the room has muted you, so nobody hears what you say."),
	not_owner: refused("Only an owner of the room can do that."),
	is_owner: refused("You cannot kick, ban or mute an owner of the room."),
	not_banned: refused((address: string) => `${address} is not banned.`),
	already_muted: refused((name: string) => `${name} is already muted.`),
	not_muted: refused((who: string) => `${who} is not muted.`),
	too_many_bans: refused(
		(max: number) =>
			`The ban list is full (${accounts(max)}). Unban somebody first. To see the list: /banned`,
	),
	too_many_mutes: refused(
		(max: number) => `The mute list is full (${accounts(max)}). Unmute somebody first.`,
	),
	not_saved: refused(
		(what: string) =>
			`${what}, but only until the server stops: the server could not save the change. Ask the person who runs it to read its log.`,
	),

	// The end of a visit or of a connection
	left: row("end", ["closing", "client"], "You left the room."),
	room_ended: closing("end", "The room ended because everybody left."),
	room_closed: closing("end", (by: string) => `${by} closed the room.`),
	server_stopped: row("retry", ["closing", "clear"], "The server was stopped."),
	moving: closing("resume", "The server is moving. Your place is kept."),
	kicked: row(
		"stay_away",
		["closing", "denied"],
		(by: string, reason?: string) => `${by} removed you from the room${because(reason)}`,
	),
	banned: row("stay_away", ["closing", "denied"], (by?: string, reason?: string) =>
		by === undefined
			? "This account is banned from the room."
			: `${by} banned you from the room${because(reason)}`,
	),
	replaced: closing("give_up", (how: string) => `You ${how}, so this connection was closed.`),
	too_slow: closing("resume", "Your connection is too slow for this room."),
	idle_timeout: closing("resume", "The server heard nothing from your client for too long."),
	server_fault: row(
		"resume",
		["clear", "closing"],
		"Something went wrong in the server. It was not your fault.",
	),

	...LOCAL_ERROR_CODES,
} satisfies Record<string, Row>;

export type ErrorCode = keyof typeof ERROR_CODES;
/** The codes that appear in some place: one said in the wrong place is a type error. */
export type CodeSaidIn<S extends SaidIn> = {
	[C in ErrorCode]: S extends (typeof ERROR_CODES)[C]["saidIn"][number] ? C : never;
}[ErrorCode];
