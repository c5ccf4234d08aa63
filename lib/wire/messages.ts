import { ProtocolError } from "./errors.ts";

// Every message that may cross the wire, once, as a table of checks that the types are made from.
// Fields that a table does not name are dropped, so that a later version may add some.

interface Field<T> {
	/** What the field must be, to end a sentence that begins with its name. */
	readonly expected: string;
	readonly is: (value: unknown) => value is T;
	/** What of a right value is taken, where that is not all of it. */
	take?(value: T): T;
}
type Fields = Record<string, Field<unknown>>;
type Tables = Record<string, Fields>;
type Values<F extends Fields> = {
	[K in keyof F as undefined extends ValueOf<F[K]> ? never : K]: ValueOf<F[K]>;
} & { [K in keyof F as undefined extends ValueOf<F[K]> ? K : never]?: ValueOf<F[K]> };
type ValueOf<F> = F extends Field<infer T> ? T : never;
type Messages<T extends Tables> = {
	[K in keyof T & string]: { type: K } & Values<T[K]>;
}[keyof T & string];

export const TEXT_BYTES = 8192;
const NAME = /^[A-Za-z0-9_.-]{1,24}$/;
/** Printable ASCII, as Gmail's are; no quotes and no control characters, which AUTH would carry on. */
const ADDRESS = /^[!#-?A-~]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;

const text = (max: number): Field<string> => ({
	expected: `1 to ${max} bytes of UTF-8`,
	is: (value): value is string =>
		typeof value === "string" &&
		value.length > 0 &&
		value.length <= max &&
		value.isWellFormed() &&
		Buffer.byteLength(value) <= max,
});

const matching = (pattern: RegExp, expected: string): Field<string> => ({
	expected,
	is: (value): value is string => typeof value === "string" && pattern.test(value),
});

const whole: Field<number> = {
	expected: "a whole number, 0 or more",
	is: (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0,
};

const list = <T>(of: Field<T>): Field<T[]> => ({
	expected: `a list, each of it ${of.expected}`,
	is: (value): value is T[] => Array.isArray(value) && value.every(of.is),
	take: (values) => values.map((value) => take(of, value)),
});

const record = <F extends Fields>(fields: F): Field<Values<F>> => ({
	expected: `an object of ${Object.keys(fields).join(", ")}`,
	is: (value): value is Values<F> => isObject(value) && faultIn(fields, value) === null,
	take: (value) => declared(fields, value) as Values<F>,
});

const optional = <T>(of: Field<T>): Field<T | undefined> => ({
	expected: `${of.expected}, or left out`,
	is: (value): value is T | undefined => value === undefined || of.is(value),
	take: (value) => (value === undefined ? value : take(of, value)),
});

export const nameField = matching(NAME, "1 to 24 of the characters A-Z a-z 0-9 _ - .");
export const addressField: Field<string> = {
	expected: "an address like somebody@gmail.com",
	is: (value): value is string =>
		typeof value === "string" && value.length <= 254 && ADDRESS.test(value),
};
/** A control character would end AUTH PLAIN's password early, or begin another SMTP command. */
const passwordField = matching(/^\P{Cc}{1,256}$/u, "1 to 256 characters, none a control character");
export const textField = text(TEXT_BYTES);
const idField = matching(/^[\w-]{1,36}$/, "1 to 36 of the characters A-Z a-z 0-9 _ -");
const keyField = matching(/^[\w-]{43}=$/, "a Fernet key");
const sentence = text(1024);
const code = matching(/^[a-z_]{1,40}$/, "a word of a-z and _");

const fromClient = {
	login: { name: nameField, email: addressField, password: passwordField },
	say: { id: idField, text: textField },
	who: {},
	leave: {},
};

const fromServer = {
	welcome: { name: nameField, epoch: whole, key: keyField, seq: whole, members: list(nameField) },
	denied: { code, text: sentence },
	rekey: { epoch: whole, key: keyField },
	roster: { members: list(record({ name: nameField, since: whole })) },
	refused: { code, text: sentence, id: optional(idField) },
	closing: { code, text: sentence },
};

const events = {
	said: { seq: whole, at: whole, from: nameField, id: idField, text: textField },
	joined: { seq: whole, at: whole, name: nameField },
	left: { seq: whole, at: whole, name: nameField },
};

export type ClientMessage = Messages<typeof fromClient>;
/** What the server says to one member, under the session key. */
export type ServerMessage = Messages<typeof fromServer>;
/** What happened in the room: `seq` is the room's one order, `at` milliseconds since 1970. */
export type RoomEvent = Messages<typeof events>;
/** What one token under the room key holds; `next` is the key of every token after it. */
export interface Batch {
	events: RoomEvent[];
	next?: { epoch: number; key: string };
}

export type Login = Extract<ClientMessage, { type: "login" }>;

/** A known type with a field that is not what it must be: refused, but no reason to hang up. */
export class BadField extends ProtocolError {
	constructor(message: string) {
		super("bad_message", message);
	}
}

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

function faultIn(fields: Fields, value: Record<string, unknown>): string | null {
	for (const name in fields) {
		const field = fields[name];
		if (field && !field.is(value[name])) return `${name} must be ${field.expected}`;
	}
	return null;
}

const take = <T>(field: Field<T>, value: T): T => (field.take ? field.take(value) : value);

/** The declared fields of a right value, and nothing else that came with them. */
function declared(fields: Fields, value: Record<string, unknown>): Record<string, unknown> {
	const taken: Record<string, unknown> = {};
	for (const name in fields) {
		const field = fields[name];
		if (field && value[name] !== undefined) taken[name] = take(field, value[name]);
	}
	return taken;
}

/** A check for the messages of some tables: the message, or ProtocolError (BadField for a field). */
function reader<T extends Tables>(tables: T): (value: unknown) => Messages<T> {
	const fieldsOf = new Map(Object.entries(tables));
	return (value) => {
		if (!isObject(value) || typeof value.type !== "string") {
			throw new ProtocolError("bad_message", "a message is a JSON object with a type");
		}
		const fields = fieldsOf.get(value.type);
		// Our own direction's types are not in the table: a reflected message ends here.
		if (!fields) throw new ProtocolError("bad_type", "a message type that is not sent this way");
		const fault = faultIn(fields, value);
		if (fault !== null) throw new BadField(`${value.type}: ${fault}`);
		return { type: value.type, ...declared(fields, value) } as Messages<T>;
	};
}

export const readClientMessage = reader(fromClient);
export const readServerMessage = reader(fromServer);
const readEvent = reader(events);
const nextField = optional(record({ epoch: whole, key: keyField }));

export function readBatch(value: unknown): Batch {
	if (!isObject(value) || !Array.isArray(value.events) || !nextField.is(value.next)) {
		throw new ProtocolError("bad_message", "a batch is a JSON object with a list of events");
	}
	const batch: Batch = { events: value.events.map(readEvent) };
	const next = take(nextField, value.next);
	if (next) batch.next = next;
	return batch;
}
