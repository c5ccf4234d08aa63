import type { ChatError } from "../util/errors.ts";
import type { CodeSaidIn } from "../wire/errors/error-codes.ts";

/** By option, where a person gave its value: `--keys`, or `FERNET_CHAT_KEYS (--keys)`. */
export type Sources = Readonly<Record<string, string>>;

/** The options that an error at the start can come from. */
const OPTIONS: Partial<Record<CodeSaidIn<"start">, readonly string[]>> = {
	keys_unusable: ["keys"],
	keys_in_use: ["keys"],
	state_unusable: ["state"],
	bans_unusable: ["state"],
	devices_unusable: ["state"],
	host_unusable: ["host"],
	port_in_use: ["host", "port"],
	port_forbidden: ["port"],
	cannot_listen: ["host", "port"],
	bad_certificate: ["tlsCert", "tlsKey"],
	allow_file: ["allowFile"],
	bad_motd: ["motd"],
	room_log_unusable: ["room", "roomKey"],
	page_unusable: ["web", "window"],
};

/** What a person reads about an error: before its sentence, where they gave what is unusable. */
export function describeError(error: ChatError, sources: Sources): string {
	const { code, message } = error;
	const options: Readonly<Record<string, readonly string[] | undefined>> = OPTIONS;
	const given = options[code] ?? [];
	// Of several ports, the error says which.
	const named =
		"flag" in error ? given.map((each) => (each === "port" ? error.flag : each)) : given;
	const places = named.flatMap((option) => sources[String(option)] ?? []);
	return places.length === 0 ? message : `${places.join(", ")}: ${message}`;
}
