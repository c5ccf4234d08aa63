import { emailField, loginNameField } from "../../wire/messages/fields.ts";
import type { JsonStore } from "../util/json-store.ts";
import type { LoginDefaults } from "./login-page.ts";

const FILE = "login.json";

/** The name and email of the last login, where saved and valid. A password is never saved. */
export function loadLastLogin(store: JsonStore): LoginDefaults {
	const { name, email } = store.read(FILE);
	return {
		name: loginNameField.is(name) ? name : undefined,
		email: emailField.is(email) ? email : undefined,
	};
}

export function saveLastLogin({ name, email }: LoginDefaults, store: JsonStore): void {
	store.write(FILE, { name, email });
}
