import type { Stats } from "node:fs";
import { dirname } from "node:path";
import { type ChatError, errorMessage, systemErrorCode } from "../../util/errors.ts";
import { privacyFault, readBounded, replaceFile } from "../../util/secure-file.ts";
import { ReasonedError, reason } from "../../wire/errors/reason.ts";
import { emailField } from "../../wire/messages/fields.ts";
import { LOGIN_METHODS, type LoginMethod } from "../../wire/messages/login-methods.ts";
import {
	type Field,
	list,
	matching,
	pick,
	record,
	wholeNumber,
} from "../../wire/messages/schema.ts";
import { createStateDir } from "../storage/state-dir.ts";

/** Devices that can be remembered at once. */
export const MAX_DEVICES = 10_000;
/** Room for the longest line, for each of them. */
const MAX_BYTES = MAX_DEVICES * 1024;

const hashField = matching(/^[\w-]{43}$/, "a SHA-256 in base64url");
const methodField: Field<LoginMethod> = {
	expected: `one of ${LOGIN_METHODS.join()}`,
	is: (value): value is LoginMethod => LOGIN_METHODS.some((method) => method === value),
};
const deviceField = record({
	/** The hash of the device's id. */
	id: hashField,
	account: emailField,
	/** How the account was proved when the device was first remembered. */
	method: methodField,
	/** Hashes: of the secret used last, then of those given since, none of which was used. */
	secrets: list(hashField),
	/** Milliseconds since 1970. */
	madeAt: wholeNumber,
	usedAt: wholeNumber,
});
/** A remembered device. Nothing in it opens anything. */
export type Device = typeof deviceField extends Field<infer T> ? T : never;

/** The `devices` file: one device a line, as JSON, the one that was used longest ago first. */
export class DeviceFile {
	/** By id. */
	readonly devices: ReadonlyMap<string, Device>;
	/** The numbers, from 1, of the lines that cannot be read. They are kept as they are. */
	readonly unreadable: readonly number[];
	readonly #path: string;
	/** Each line that can be read. */
	readonly #parsed = new Map<string, Device>();
	readonly #kept: readonly string[];

	/**
	 * Only lines that `previous` had not are parsed: there may be ten thousand, and every login changes
	 * one. Throws ChatError `devices_unusable` if there is a file and it cannot be read, or others can.
	 */
	constructor(path: string, previous: DeviceFile | null) {
		this.#path = path;
		const lines = readText(path).split("\n");
		const unreadable: number[] = [];
		for (const [index, line] of lines.entries()) {
			const device = (previous ? previous.#parsed.get(line) : null) ?? parseDevice(line);
			if (device) this.#parsed.set(line, device);
			else if (line !== "") unreadable.push(index + 1);
		}
		this.unreadable = unreadable;
		this.#kept = unreadable.map((number) => lines[number - 1] ?? "");
		this.devices = new Map(this.#parsed.values().map((device) => [device.id, device]));
	}

	/** Rewrites the file with exactly these devices. Throws ChatError `devices_unusable`. */
	replace(devices: ReadonlyMap<string, Device>): void {
		const lines = new Map(this.#parsed.entries().map(([line, device]) => [device, line]));
		const added = devices.values().map((device) => lines.get(device) ?? JSON.stringify(device));
		const text = [...this.#kept, ...added].map((line) => `${line}\n`).join("");
		try {
			if (text.length > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
			createStateDir(dirname(this.#path));
			replaceFile(this.#path, Buffer.from(text, "latin1"));
		} catch (cause) {
			throw unusable("save", this.#path, cause);
		}
	}
}

/** As Latin-1, so that a line that cannot be read is kept as it was. */
function readText(path: string): string {
	try {
		return readBounded(path, MAX_BYTES, assertPrivate).toString("latin1");
	} catch (cause) {
		if (systemErrorCode(cause) === "ENOENT") return "";
		throw unusable("read", path, cause);
	}
}

/** It names everybody who has asked to be remembered. */
function assertPrivate(file: Stats): void {
	const fault = privacyFault(file);
	if (fault !== null) throw new Error(`it ${fault}`);
}

function parseDevice(line: string): Device | null {
	try {
		const value: unknown = JSON.parse(line);
		return deviceField.is(value) ? pick(deviceField, value) : null;
	} catch {
		return null;
	}
}

const unusable = (doing: string, path: string, cause: unknown): ChatError => {
	const text = `Cannot ${doing} the list of remembered devices ${path}: ${errorMessage(cause)}.`;
	return new ReasonedError(reason("devices_unusable", text), { cause });
};
