import { emailField, loginNameField } from "../../wire/messages/fields.ts";
import type { ConfigDir } from "../util/config-dir.ts";
import type { LoginDefaults } from "./login-page.ts";

const FILE = "login.json";

/** The name and email of the last login, where saved and valid. A password is never saved. */
export function loadLastLogin(configDir: ConfigDir): LoginDefaults {
	const { name, email } = configDir.read(FILE);
	return {
		name: loginNameField.is(name) ? name : undefined,
		email: emailField.is(email) ? email : undefined,
	};
}

export function saveLastLogin({ name, email }: LoginDefaults, configDir: ConfigDir): void {
	configDir.write(FILE, { name, email });
}
