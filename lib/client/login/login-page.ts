import type { Writable } from "node:stream";
import type { ReadStream } from "node:tty";
import type { HostPort } from "../../util/host-port.ts";

/** What a person may choose from; a token is for programs. */
export type InteractiveMethod = "code" | "password";

/** What is typed in sight. */
export type LoginField = "name" | "email" | "code";

/** The page on which a person logs in. Whatever it asks for is null when the person gives up. */
export interface LoginPage {
	/** A valid value, as it was typed but for blanks around it; an empty `code` goes back. */
	ask(field: LoginField, offered?: string): Promise<string | null>;
	chooseMethod(): Promise<InteractiveMethod | null>;
	askPassword(): Promise<string | null>;
	/** A step takes time; it ends with `succeed` or `fail`. */
	start(step: string): void;
	succeed(result: string): void;
	/** Also where nothing was started. */
	fail(reason: string): void;
	welcome(name: string): void;
}

/** What the page is about. */
export interface LoginSetting {
	readonly endpoint: HostPort;
	readonly methods: readonly InteractiveMethod[];
}

/** What the page is on. */
export interface LoginStreams {
	readonly input: ReadStream;
	readonly output: Writable;
	/** Aborted when the program is told to end. */
	readonly signal: AbortSignal;
}
