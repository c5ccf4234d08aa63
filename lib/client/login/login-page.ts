import type { ReadStream, WriteStream } from "node:tty";
import type { HostPort } from "../../util/host-port.ts";
import type { JobSignals } from "../keyboard/job-control.ts";

/** The login methods for people; a token is for programs. */
export type InteractiveMethod = "code" | "password";

/** The fields that show what is typed; a password does not. */
export type LoginField = "name" | "email" | "code";

/** A name and an email that the page need not ask for, or offers as defaults. */
export type LoginDefaults = Record<"name" | "email", string | undefined>;
export const NOTHING_KNOWN: LoginDefaults = { name: undefined, email: undefined };
/** The name and address that the user claims. */
export type UserIdentity = Record<"name" | "email", string>;

/** The user wants to start again: perhaps the address was mistyped, or no mail arrives. */
export const BACK = Symbol("back");
/** What a question resolves to: null when the user gives up. */
export type Answer<T> = Promise<T | typeof BACK | null>;

/** The page on which the user logs in. */
export interface LoginPage {
	/** Asks for what is not `known`; `offered` holds the defaults. Resolves to valid values, trimmed. */
	askIdentity(known: LoginDefaults, offered: LoginDefaults): Answer<UserIdentity>;
	askCode(): Answer<string>;
	chooseMethod(): Answer<InteractiveMethod>;
	askPassword(): Answer<string>;
	/** Resolves to whether the server is to remember this device. */
	askToRemember(): Promise<boolean | null>;
	/** Shows that a step has begun, which `succeed` or `fail` ends. */
	start(step: string): void;
	succeed(result: string): void;
	/** May also be called without a step. `code` is the error's: it tells what is to be corrected. */
	fail(reason: string, code?: string): void;
	welcome(name: string): void;
}

/** The server to log in to, and how it can be done there. */
export interface LoginSetting {
	readonly endpoint: HostPort;
	readonly methods: readonly InteractiveMethod[];
	/** The service that checks the passwords: `gmail.com`, or a mail server. */
	readonly verifier: string;
}

/** Where the page reads and writes. */
export interface LoginStreams {
	readonly input: ReadStream;
	readonly output: WriteStream;
	/** Aborted when the program is told to end. */
	readonly signal: AbortSignal;
	readonly signals: JobSignals;
}
