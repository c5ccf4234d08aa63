import fc from "fast-check";
import type { FuzzedTransport } from "./fuzzed-server.ts";

export const bytes = fc
	.uint8Array({ maxLength: 300 })
	.map((array) => Buffer.from(array).toString("latin1"));

/** A hello, or almost one. */
const hello = fc
	.tuple(
		fc.constantFrom(
			"FERNET-CHAT/1",
			"FERNET-CHAT/1",
			"FERNET-CHAT/2",
			"fernet-chat/1",
			"FERNET-CHAT/",
		),
		fc.constantFrom(" ", " ", " ", "  ", "\t", ""),
		fc.oneof(
			fc.uuid().map((uuid) => uuid.replaceAll("-", "")),
			fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), maxLength: 40 }),
			fc.constantFrom("../../etc/passwd", "__proto__", ""),
		),
		fc.constantFrom("", "", "", " ", "\r", " key", "\0"),
	)
	.map((parts) => parts.join(""));

const field = fc.oneof(
	fc.constantFrom("login", "say", "tell", "who", "ping", "welcome", "__proto__", "constructor"),
	fc.constantFrom("ann", "a@gmail.com", "0123456789abcdef0123456789abcdef", "", "\u0000", "\ud800"),
	fc.string({ unit: "binary", maxLength: 50 }),
	fc.jsonValue({ maxDepth: 2 }),
	fc.maxSafeInteger(),
);

const TYPES = [
	...[
		"login",
		"resume",
		"ask",
		"mail",
		"say",
		"tell",
		"who",
		"ping",
		"closing",
		"said",
		"toString",
	],
	...["kick", "ban", "unban", "mute", "unmute", "bans", "announce", "title", "close"],
];

const NAMES = [
	"id",
	"text",
	"me",
	"to",
	"name",
	"email",
	"password",
	"token",
	"seq",
	"told",
	"who",
];

/** A message that is valid, or almost. */
export const message = fc.oneof(
	{
		weight: 4,
		arbitrary: fc
			.tuple(fc.constantFrom(...TYPES), fc.dictionary(fc.constantFrom(...NAMES), field))
			.map(([type, fields]): object => ({ ...fields, type })),
	},
	{
		weight: 3,
		arbitrary: fc.record({ type: fc.constant("say"), id: fc.uuid(), text: fc.string() }),
	},
	{ weight: 1, arbitrary: fc.object() },
);

/** One line: the token of a message, a damaged token, or no token at all. */
export const input = fc.oneof(
	{ weight: 20, arbitrary: fc.record({ kind: fc.constant("message" as const), message }) },
	{
		weight: 2,
		arbitrary: fc.record({
			kind: fc.constant("damaged" as const),
			message,
			at: fc.nat(),
			with: fc.string({ maxLength: 3 }),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant("json" as const), json: fc.jsonValue() }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant("bytes" as const), bytes }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant("bytes" as const), bytes: hello }) },
);

export const helloInput = fc.record({ kind: fc.constant("bytes" as const), bytes: hello });

export type Input = typeof input extends fc.Arbitrary<infer T> ? T : never;

/** The line that a transport sends for an input. */
export function lineOf(transport: FuzzedTransport, input: Input): string {
	if (input.kind === "bytes") return input.bytes;
	if (input.kind === "json") return transport.fernet.encrypt(JSON.stringify(input.json));
	const token = transport.seal(input.message);
	if (input.kind === "message") return token;
	const at = input.at % token.length;
	return token.slice(0, at) + input.with + token.slice(at + 1);
}
