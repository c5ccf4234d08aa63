import fc from "fast-check";
import { anyCharacter } from "../../../support/any-character.ts";
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
	fc.string({ unit: anyCharacter, maxLength: 50 }),
	fc.jsonValue({ maxDepth: 2 }),
	fc.maxSafeInteger(),
);

const TYPES = [
	...["login", "resume", "login_methods", "request_code"],
	...["say", "tell", "who", "ping", "leave", "closing", "said", "toString", "not-known"],
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
	"private",
	"visit",
	"reason",
	"who",
	"address",
	"title",
	"code",
	"ticket",
];

/** Stand for what nobody knows before a server runs: see `fillIn`. */
const [VISIT, TICKET, CODE] = ["the visit", "the ticket", "the code"];

/** What a run of inputs needs to know so that some of them are valid. */
export interface Known {
	/** The visits of the members, by name. */
	readonly visits: ReadonlyMap<string, string>;
	/** A code that was mailed to "fuzz@gmail.com". */
	readonly mailed: { readonly ticket: string; readonly code: string };
}

const just = <T>(value: T) => fc.constant(value);
const requestId = fc.uuid();
const person = fc.constantFrom("victim", "victim", "fuzz", "listener", "nobody");
const address = fc.constantFrom("victim@gmail.com", "a@gmail.com");
const visit = fc.oneof(
	{ weight: 4, arbitrary: just(VISIT) },
	{ weight: 1, arbitrary: fc.stringMatching(/^[\w-]{11}$/) },
);

/** What an owner may ask for at any time. */
const ownersRequest = fc.oneof(
	fc.record({ type: fc.constantFrom("kick", "mute"), name: person, visit }),
	fc.record({ type: fc.constantFrom("ban", "unmute"), who: person, visit }),
	fc.record({ type: fc.constantFrom("ban", "unmute"), who: address }),
	fc.record({ type: just("unban"), address }),
	fc.record({ type: just("title"), title: fc.constantFrom("a room", "\u0000") }),
	fc.record({ type: just("announce"), text: just("hear, hear") }),
	fc.record({ type: fc.constantFrom("bans", "close"), id: requestId }),
);

/** What any member may ask for at any time. */
const valid = fc.oneof(
	{
		weight: 4,
		arbitrary: fc.record({ type: just("say"), id: requestId, text: fc.string({ minLength: 1 }) }),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			...{ type: just("tell"), id: requestId, text: just("hello") },
			...{ to: person, visit },
		}),
	},
	{ weight: 2, arbitrary: ownersRequest },
	{ weight: 1, arbitrary: fc.record({ type: just("ping"), private: fc.maxSafeNat() }) },
	{ weight: 1, arbitrary: fc.record({ type: just("who") }) },
);

/** A message that is valid, or almost. */
const almost = fc.oneof(
	{
		weight: 4,
		arbitrary: fc
			.tuple(fc.constantFrom(...TYPES), fc.dictionary(fc.constantFrom(...NAMES), field))
			.map(([type, fields]): object => ({ ...fields, type })),
	},
	{ weight: 3, arbitrary: valid },
);

/** The messages of a token: few, or as many as it may hold, give or take some. */
const messages = fc.oneof(
	{ weight: 8, arbitrary: fc.array(almost, { minLength: 1, maxLength: 4 }) },
	{
		weight: 1,
		arbitrary: fc
			.tuple(fc.array(valid, { minLength: 61, maxLength: 65 }), almost, fc.nat())
			.map(([most, one, at]) => most.toSpliced(at % most.length, 0, one as (typeof most)[0])),
	},
	{ weight: 1, arbitrary: fc.array(fc.oneof(almost, fc.jsonValue()), { maxLength: 3 }) },
);

/** What a token holds beside its count. */
const contents = fc.oneof(
	{ weight: 20, arbitrary: fc.record({ messages: fc.tuple(almost) }) },
	{ weight: 10, arbitrary: fc.record({ messages }) },
	{
		weight: 1,
		arbitrary: fc.record({ messages: fc.oneof(fc.jsonValue(), fc.tuple(fc.object())) }),
	},
	{ weight: 1, arbitrary: almost },
);

/** One line: a token, a damaged or repeated one, or no token at all. */
export const input = fc.oneof(
	{ weight: 20, arbitrary: fc.record({ kind: fc.constant("token" as const), contents }) },
	{
		weight: 2,
		arbitrary: fc.record({
			kind: fc.constant("damaged" as const),
			contents,
			at: fc.nat(),
			with: fc.string({ maxLength: 3 }),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant("again" as const) }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant("json" as const), json: fc.jsonValue() }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant("bytes" as const), bytes }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant("bytes" as const), bytes: hello }) },
);

/** A login with the code that was mailed, or with one that was not. */
export const loginInput = fc.record({
	kind: fc.constant("token" as const),
	contents: fc.record({
		messages: fc.tuple(
			fc.record({
				...{ type: just("login"), name: just("fuzz"), email: just("fuzz@gmail.com") },
				...{ ticket: just(TICKET), code: fc.constantFrom(CODE, CODE, "000000") },
			}),
		),
	}),
});

/** What only an owner may ask for, a few at a time. */
export const ownersInput = fc.record({
	kind: fc.constant("token" as const),
	contents: fc.record({ messages: fc.array(ownersRequest, { minLength: 1, maxLength: 8 }) }),
});

export const helloInput = fc.record({ kind: fc.constant("bytes" as const), bytes: hello });

export type Input = typeof input extends fc.Arbitrary<infer T> ? T : never;

/** The same input with what is known now. */
export function fillIn(input: Input, known: Known): Input {
	if (!("contents" in input) || !("messages" in input.contents)) return input;
	const messages: unknown = input.contents.messages;
	if (!Array.isArray(messages)) return input;
	const filled = messages.map((each) => fillInMessage(each, known));
	return { ...input, contents: { messages: filled } } as Input;
}

function fillInMessage(message: unknown, { visits, mailed }: Known): unknown {
	const { to, name, who, visit, ticket, code }: Record<string, unknown> = Object(message);
	const found: Record<string, unknown> = {};
	if (visit === VISIT) found.visit = visits.get(String(to ?? name ?? who)) ?? "gone";
	if (ticket === TICKET) found.ticket = mailed.ticket;
	if (code === CODE) found.code = mailed.code;
	// Others stay the very same: not all of them are objects.
	return Object.keys(found).length > 0 ? { ...Object(message), ...found } : message;
}

/** The line that a transport sends for an input. */
export function lineOf(transport: FuzzedTransport, input: Input): string {
	if (input.kind === "bytes") return input.bytes;
	if (input.kind === "json") return transport.fernet.encrypt(JSON.stringify(input.json));
	if (input.kind === "again") return transport.sealed;
	const token = transport.seal(input.contents);
	if (input.kind === "token") return token;
	const at = input.at % token.length;
	return token.slice(0, at) + input.with + token.slice(at + 1);
}
