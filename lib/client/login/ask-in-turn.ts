import type { LoginDefaults, LoginField, UserIdentity } from "./login-page.ts";

/** Asks for what is not `known`, one question after the other; null when the user gives up. */
export async function askInTurn(
	ask: (field: LoginField, offered?: string) => Promise<string | null>,
	known: LoginDefaults,
	offered: LoginDefaults,
): Promise<UserIdentity | null> {
	const name = known.name ?? (await ask("name", offered.name));
	if (name === null) return null;
	const email = known.email ?? (await ask("email", offered.email));
	return email === null ? null : { name, email };
}
