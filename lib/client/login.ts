import type { Readable, Writable } from "node:stream";
import { intro, isCancel, log, outro, password, spinner, text } from "@clack/prompts";
import { ChatError, ProtocolError } from "../wire/errors.ts";
import type { KeyFolder } from "../wire/keys.ts";
import { addressField, nameField } from "../wire/messages.ts";
import { cleanLine } from "./clean.ts";
import { type Address, Connection, type Heard } from "./connect.ts";

export interface Credentials {
	readonly name: string;
	readonly email: string;
	readonly password: string;
}

/** What need not be asked for. */
export type Known = Record<"name" | "email", string | undefined>;

/** Somebody who has been let in: the connection, and what the server said first. */
export interface Member {
	readonly connection: Connection;
	readonly welcome: Extract<Heard, { type: "welcome" }>;
}

/** The server's no, and why. */
export class Denied extends ChatError {}

/** The server hung up, and why: nothing was said about the login. */
export class Dismissed extends ChatError {}

/** How a visit ended: the exit code, and one sentence. */
export interface Outcome {
	readonly code: 0 | 2 | 3;
	readonly text: string;
}

export interface Screen {
	readonly input: Readable;
	readonly output: Writable;
}

/** One try: a connection with a key of its own, one login. Throws Denied or Unreachable. */
export async function enter(
	address: Address,
	keys: KeyFolder,
	credentials: Credentials,
): Promise<Member> {
	const connection = await Connection.open(address, keys);
	try {
		connection.send({ type: "login", ...credentials });
		const { value: answer } = await connection.next();
		if (answer?.type === "welcome") return { connection, welcome: answer };
		if (answer?.type === "denied") throw new Denied(answer.code, cleanLine(answer.text));
		if (answer?.type === "closing") throw new Dismissed(answer.code, cleanLine(answer.text));
		throw new ProtocolError("no_answer", "the server answered something else than yes or no");
	} catch (error) {
		connection.close();
		throw error;
	}
}

/** The login page, again and again until somebody is let in; null when the person gives up. */
export async function loginPage(
	address: Address,
	keys: KeyFolder,
	screen: Screen,
	known: Known,
): Promise<Member | null> {
	intro(`fernet-chat at ${address.host}:${address.port}`, screen);
	log.message(
		"Encrypted between you and the server, which reads what you say.\nGmail takes an app password here: https://myaccount.google.com/apppasswords",
		screen,
	);
	let typed = known;
	for (let first = true; ; first = false) {
		const credentials = await ask(screen, typed, first);
		if (credentials === null) return null;
		const wait = spinner({ output: screen.output });
		wait.start("Asking Gmail");
		try {
			const member = await enter(address, keys, credentials);
			wait.stop("Gmail says yes");
			outro(`Welcome, ${credentials.name}`, screen);
			return member;
		} catch (error) {
			if (!(error instanceof Denied)) {
				wait.clear();
				throw error;
			}
			wait.error(error.message);
			typed = { name: credentials.name, email: credentials.email };
		}
	}
}

/** One page. What is known already is not asked for the first time, and offered every other time. */
async function ask(screen: Screen, known: Known, first: boolean): Promise<Credentials | null> {
	const field = async (
		message: string,
		initialValue: string | undefined,
		check: typeof nameField,
	): Promise<string | symbol> => {
		if (first && check.is(initialValue)) return initialValue;
		const must = (value: string | undefined): string | undefined =>
			check.is(value?.trim()) ? undefined : `This must be ${check.expected}`;
		const answer = await text({
			...screen,
			message,
			initialValue: initialValue ?? "",
			validate: must,
		});
		return isCancel(answer) ? answer : answer.trim();
	};
	const name = await field("User name", known.name, nameField);
	if (isCancel(name)) return null;
	const email = await field("Gmail address", known.email, addressField);
	if (isCancel(email)) return null;
	const secret = await password({
		...screen,
		message: "App password",
		clearOnError: true,
		validate: (value) => (value ? undefined : "This must be the 16 letters of an app password"),
	});
	if (isCancel(secret)) return null;
	return { name: String(name), email: String(email), password: secret };
}
