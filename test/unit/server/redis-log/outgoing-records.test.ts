import { expect, test } from "bun:test";
import { OutgoingRecords } from "../../../../lib/server/redis-log/outgoing-records.ts";
import type { StoredRecord } from "../../../../lib/server/redis-log/stored-record.ts";
import { Fernet, generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { say } from "../room-log/logs.ts";

const MIB = 1024 * 1024;
const fernet = new Fernet(generateKey());
const open = (token: string): StoredRecord => JSON.parse(fernet.decrypt(token).toString());

/** Adds entries with a text of so many characters until no more are taken. Returns how many were. */
function fill(outgoing: OutgoingRecords, characters: number, from = 1): number {
	let n = from;
	// Ten times as many as may be taken.
	while (n - from < (40 * MIB) / characters && outgoing.add(say(n, "x".repeat(characters)))) n++;
	return n - from;
}

/** The numbers of all entries that are written, and the largest record. */
function drain(outgoing: OutgoingRecords): { numbers: number[]; largest: number } {
	const numbers: number[] = [];
	let largest = 0;
	for (let token = outgoing.next("room"); token !== null; token = outgoing.next("room")) {
		expect(outgoing.next("room")).toBe(token);
		largest = Math.max(largest, token.length);
		numbers.push(...open(token).entries.map(({ n }) => n));
		outgoing.written();
	}
	return { numbers, largest };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

test.each([1000, 60_000, 300_000])(
	"takes 4 MiB of entries of %d characters, then none until some are written, and loses none",
	(characters) => {
		const outgoing = new OutgoingRecords(fernet);
		const taken = fill(outgoing, characters);
		const bytes = taken * JSON.stringify(say(100, "x".repeat(characters))).length;
		expect(bytes).toBeGreaterThan(3.9 * MIB);
		expect(bytes).toBeLessThan(4 * MIB + 2 * characters);
		expect(outgoing.add(say(taken + 1))).toBe(false);
		const { numbers, largest } = drain(outgoing);
		expect(numbers).toEqual(upTo(taken));
		// Sealed, it is a third longer.
		expect(largest).toBeLessThan(2 * Math.max(128 * 1024, characters));
		expect(outgoing.isEmpty).toBe(true);
		expect(fill(outgoing, characters, taken + 1)).toBeGreaterThanOrEqual(taken - 1);
	},
);
