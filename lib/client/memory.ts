import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { addressField, nameField } from "../wire/messages.ts";
import type { Known } from "./signin.ts";

type Environment = Record<string, string | undefined>;

const folderOf = ({ XDG_CONFIG_HOME }: Environment): string =>
	join(XDG_CONFIG_HOME || join(homedir(), ".config"), "fernet-chat");

/** The name and address of the last login; never a password. */
export function recall(environment: Environment): Known {
	try {
		const kept: unknown = JSON.parse(
			readFileSync(join(folderOf(environment), "login.json"), "utf8"),
		);
		const { name, email }: Record<string, unknown> = Object(kept);
		return {
			name: nameField.is(name) ? name : undefined,
			email: addressField.is(email) ? email : undefined,
		};
	} catch {
		// Nobody has logged in from here yet, or the file is damaged: then all is asked for.
		return { name: undefined, email: undefined };
	}
}

export function remember({ name, email }: Known, environment: Environment): void {
	try {
		mkdirSync(folderOf(environment), { recursive: true, mode: 0o700 });
		const text = `${JSON.stringify({ name, email })}\n`;
		const file = join(folderOf(environment), "login.json");
		writeFileSync(file, text, { mode: 0o600 });
		// A file that was there already keeps the mode it had.
		chmodSync(file, 0o600);
	} catch {
		// A home that cannot be written to is no reason to keep anybody from talking.
	}
}
