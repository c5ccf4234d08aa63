import { utf8Length } from "../../util/utf8.ts";
import { ProtocolError, type Reason, reason } from "../errors/reason.ts";

// Written by hand: one table gives a message's type, its check on the path of every message, and the
// sentence that names the wrong field.
//
// Shapes: we check a peer's value against one and derive its type from it. Fields that a shape does
// not declare are dropped, so that a later version of the wire can add some.

export interface Field<T> {
	/** What the field must be; completes a sentence that begins with the field's name. */
	readonly expected: string;
	readonly is: (value: unknown) => value is T;
	/** Takes the declared part of a valid value; absent if that is all of it. */
	pick?(value: T): T;
}
type Fields = Record<string, Field<unknown>>;
/** The fields of each message, by its `type`. */
type MessageTables = Record<string, Fields>;
type ValueOf<F> = F extends Field<infer T> ? T : never;
type Values<F extends Fields> = {
	[K in keyof F as undefined extends ValueOf<F[K]> ? never : K]: ValueOf<F[K]>;
} & { [K in keyof F as undefined extends ValueOf<F[K]> ? K : never]?: ValueOf<F[K]> };
export type MessagesOf<T extends MessageTables> = {
	[K in keyof T & string]: { type: K } & Values<T[K]>;
}[keyof T & string];

/** A message as it came: nothing is checked but that it has a type. */
export type Envelope = { readonly type: string } & Readonly<Record<string, unknown>>;

/** A message that we cannot use. It is refused, and the connection goes on. */
class UnusableMessage<C extends "bad_field" | "unknown_type"> extends ProtocolError<Reason<C>> {
	/** The id in the message, unchecked. */
	readonly id: unknown;

	constructor(reason: Reason<C>, id: unknown) {
		super(reason);
		this.id = id;
	}
}

/** A message of a known type has an unusable field. */
export class BadField extends UnusableMessage<"bad_field"> {
	constructor(message: string, id: unknown) {
		super(reason("bad_field", message), id);
	}
}

/** The other side is perhaps newer than we are. */
export class UnknownType extends UnusableMessage<"unknown_type"> {
	constructor({ type, id }: Envelope) {
		super(reason("unknown_type", type), id);
	}
}

export const text = (max: number): Field<string> => ({
	expected: `1 to ${max} bytes of UTF-8`,
	is: (value): value is string =>
		typeof value === "string" &&
		value.length > 0 &&
		value.length <= max &&
		value.isWellFormed() &&
		// A short text fits even if each of its characters takes three bytes.
		(value.length * 3 <= max || utf8Length(value) <= max),
});

export const matching = (pattern: RegExp, expected: string): Field<string> => ({
	expected,
	is: (value): value is string => typeof value === "string" && pattern.test(value),
});

export const wholeNumber: Field<number> = {
	expected: "a whole number, 0 or more",
	is: (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0,
};

export const list = <T>(of: Field<T>): Field<T[]> => ({
	expected: `a list, each item ${of.expected}`,
	is: (value): value is T[] => Array.isArray(value) && value.every(of.is),
	pick: (values) => values.map((value) => pick(of, value)),
});

export const record = <F extends Fields>(fields: F): Field<Values<F>> => {
	const shape = new Shape(fields);
	return {
		expected: `an object of ${Object.keys(fields).join(", ")}`,
		is: (value): value is Values<F> => isObject(value) && shape.findFault(value) === null,
		pick: (value) => shape.pick(value, {}) as Values<F>,
	};
};

export const optional = <T>(of: Field<T>): Field<T | undefined> => ({
	expected: `${of.expected}, or absent`,
	is: (value): value is T | undefined => value === undefined || of.is(value),
	pick: (value) => (value === undefined ? value : pick(of, value)),
});

/** A field that holds any one message of the tables. */
export const messageOf = <T extends MessageTables>(tables: T): Field<MessagesOf<T>> => {
	const shapes = shapesByType(tables);
	return {
		expected: `a message of type ${Object.keys(tables).join(", ")}`,
		is: (value): value is MessagesOf<T> =>
			isObject(value) && shapes.get(value.type)?.findFault(value) === null,
		pick: (value) => shapes.get(value.type)?.pick(value, { type: value.type }) as MessagesOf<T>,
	};
};

/**
 * Returns a reader of the tables' messages. `reflected` are those of the other direction: one that
 * comes back to its sender is a breach. The reader throws ProtocolError; BadField for a field,
 * UnknownType for a type in neither table.
 */
export function messageReader<T extends MessageTables>(
	tables: T,
	reflected: MessageTables = {},
): (value: unknown) => MessagesOf<T> {
	const shapes = shapesByType(tables);
	return (value) => {
		if (!isEnvelope(value)) {
			throw new ProtocolError(
				reason("bad_message", "A message must be a JSON object with a type."),
			);
		}
		const shape = shapes.get(value.type);
		if (!shape) {
			if (Object.hasOwn(reflected, value.type)) throw new ProtocolError(reason("bad_type"));
			throw new UnknownType(value);
		}
		const fault = shape.findFault(value);
		if (fault !== null) throw new BadField(`${value.type}: ${fault}.`, value.id);
		return shape.pick(value, { type: value.type }) as MessagesOf<T>;
	};
}

export function pick<T>(field: Field<T>, value: T): T {
	return field.pick ? field.pick(value) : value;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

export const isEnvelope = (value: unknown): value is Envelope =>
	isObject(value) && typeof value.type === "string";

/** Keeps the fields as a list: walking an object looks up its keys anew each time. */
class Shape {
	readonly #fields: readonly { name: string; field: Field<unknown> }[];

	constructor(fields: Fields) {
		this.#fields = Object.entries(fields).map(([name, field]) => ({ name, field }));
	}

	findFault(value: Record<string, unknown>): string | null {
		for (const { name, field } of this.#fields) {
			if (!field.is(value[name])) return `${name} must be ${field.expected}`;
		}
		return null;
	}

	/** Copies the declared fields of a valid value into `taken`, and nothing else. */
	pick(value: Record<string, unknown>, taken: Record<string, unknown>): Record<string, unknown> {
		for (const { name, field } of this.#fields) {
			if (value[name] !== undefined) taken[name] = pick(field, value[name]);
		}
		return taken;
	}
}

const shapesByType = (tables: MessageTables): ReadonlyMap<unknown, Shape> =>
	new Map(Object.entries(tables).map(([type, fields]) => [type, new Shape(fields)]));
