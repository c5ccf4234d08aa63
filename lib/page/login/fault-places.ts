import type { ErrorCode } from "../../wire/errors/error-codes.ts";

/** What a login form asks for. */
export type FieldName = "name" | "email" | "password" | "code";

/** The field that must be corrected before the same login can succeed. */
const PLACES: Partial<Record<ErrorCode, FieldName>> = {
	name_taken: "name",
	invalid_address: "email",
	not_gmail: "email",
	not_allowed: "email",
	banned: "email",
	wrong_password: "password",
	app_password_needed: "password",
	wrong_code: "code",
};

/** The field that an error of the server's is about; null if it is about none of them. */
export const placeOf = (code: string | undefined): FieldName | null =>
	(code !== undefined && Object.hasOwn(PLACES, code) && PLACES[code as ErrorCode]) || null;
