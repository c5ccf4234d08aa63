import { addressField, nameField } from "../../wire/messages.ts";
import type { Settings } from "../util/config-dir.ts";
import type { Known } from "./login-flow.ts";

const FILE = "login.json";

/** The name and address of the last login; never a password. */
export function recall(settings: Settings): Known {
	const { name, email } = settings.read(FILE);
	return {
		name: nameField.is(name) ? name : undefined,
		email: addressField.is(email) ? email : undefined,
	};
}

export function remember({ name, email }: Known, settings: Settings): void {
	settings.write(FILE, { name, email });
}
