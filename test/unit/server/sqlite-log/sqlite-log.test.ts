import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { cpSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Entry } from "../../../../lib/server/room-log/entry.ts";
import { LogKeyFile } from "../../../../lib/server/room-log/log-key.ts";
import type { LogReader, Stamp } from "../../../../lib/server/room-log/room-log.ts";
import { RoomFile } from "../../../../lib/server/sqlite-log/room-file.ts";
import { eventually } from "../../../support/eventually.ts";
import { ROOT } from "../../../support/root.ts";
import { SmallDisk } from "../../../support/small-disk.ts";
import { Place, Recorder, say } from "../room-log/logs.ts";

// What a file adds to a room log: it survives its server's death, is bounded, and tells nothing.

/** Keeps of all entries only how many there were, so that its state does not grow. */
class Counter implements LogReader {
	count = 0;
	last: Stamp | undefined;
	restore(state: unknown): void {
		({ count: this.count, last: this.last } = state as Counter);
	}
	apply({ n }: Entry, stamp: Stamp): void {
		if (n !== this.count + 1) throw new Error(`${n} came after ${this.count}`);
		this.count = n;
		this.last = stamp;
	}
	snapshot(): unknown {
		return { count: this.count, last: this.last };
	}
}

/** Adds entries to the log in its argument until it is killed, and prints the number of each. */
const WRITER = `
	import { writeSync } from "node:fs";
	import { SqliteLog } from "${ROOT}/lib/server/sqlite-log/sqlite-log.ts";
	import { systemClocks } from "${ROOT}/lib/util/clock.ts";
	const file = process.argv.at(-1);
	const options = { maxBytes: 50_000, clocks: systemClocks, warn: console.error };
	const log = new SqliteLog({ file, key: file + ".key", ...options });
	const room = {
		count: 0,
		restore(state) { this.count = state.count; this.last = state.last; },
		apply({ n }, stamp) { this.count = n; this.last = stamp; },
		snapshot() { return { count: this.count, last: this.last }; },
	};
	log.open(room);
	for (;;) {
		const n = room.count + 1;
		const change = { kind: "say", text: "x".repeat(n % 300 ? n % 300 : 30_000) };
		if (!log.append({ server: "a1", n, changes: [change] })) throw new Error("not taken");
		writeSync(1, n + "\\n");
	}`;

/** The tokens of all entries in a file that is closed. */
function tokensIn({ file }: Place): Uint8Array[] {
	using database = new Database(file, { readonly: true });
	return database.prepare("SELECT token FROM entries").values().flat() as Uint8Array[];
}

test("what was taken is there after kill -9 at any moment, in order", async () => {
	using place = new Place();
	let taken = 0;
	for (let round = 0; round < 10; round++) {
		const writer = Bun.spawn([process.execPath, "-e", WRITER, place.file], { stdout: "pipe" });
		let printed = "";
		const killAt = taken + 1 + Math.random() * 3000;
		for await (const chunk of writer.stdout.pipeThrough(new TextDecoderStream())) {
			printed += chunk;
			if (Number(printed.split("\n").at(-2)) >= killAt) writer.kill("SIGKILL");
		}
		expect(await writer.exited).not.toBe(0);
		taken = Number(printed.split("\n").at(-2));
		const room = new Counter();
		const log = place.sqliteLog();
		log.open(room);
		// The last one may have been taken without our having read it.
		expect([taken, taken + 1]).toContain(room.count);
		log.close();
	}
	expect(taken).toBeGreaterThan(10);
	expect(place.files).toEqual(["room", "room.key"]);
	expect(place.warnings).toEqual([]);
});

describe("the file", () => {
	test("does not grow, nor does its WAL, and is one file when it is closed", () => {
		using place = new Place();
		place.maxBytes = 256 * 1024;
		const log = place.sqliteLog();
		const room = new Counter();
		log.open(room);
		const size = (suffix: string) => statSync(`${place.file}${suffix}`).size;
		let [file, wal] = [0, 0];
		for (let n = 1; n <= 20_000; n++) {
			log.append(say(n));
			if (n % 20 === 0) [file, wal] = [Math.max(file, size("")), Math.max(wal, size("-wal"))];
		}
		expect(file).toBeLessThan(1.25 * place.maxBytes);
		expect(wal).toBeLessThan(1.25 * 1024 * 1024);
		expect(place.files).toEqual(["room", "room-wal", "room.key"]);
		log.close();
		expect(place.files).toEqual(["room", "room.key"]);
		expect(room.count).toBe(20_000);
	});

	test("and its WAL hold nothing that could be read, and are for their owner alone", () => {
		using place = new Place();
		place.maxBytes = 20_000;
		const log = place.sqliteLog();
		log.open(new Recorder());
		const words = ["Zwetschgenknödel", "ann@gmail.com", "192.0.2.17", "say", "changes", "a1b2c3d4"];
		for (let n = 1; n <= 400; n++) log.append(say(n, `${words[n % 4]} ${n}`, "a1b2c3d4"));
		const key = readFileSync(`${place.file}.key`, "latin1");
		for (const name of ["room", "room-wal"]) {
			const bytes = readFileSync(join(place.folder, name));
			expect(bytes.length).toBeGreaterThan(10_000);
			for (const secret of [...words, key]) expect(bytes.includes(secret)).toBe(false);
		}
		const modes = place.files.map((name) => statSync(join(place.folder, name)).mode & 0o777);
		expect(modes).toEqual([0o600, 0o600, 0o600]);
		log.close();
	});

	test("keeps nothing of the entries that a snapshot replaced", () => {
		using place = new Place();
		place.maxBytes = 100_000;
		const log = place.sqliteLog();
		log.open(new Counter());
		for (let n = 1; n <= 90; n++) log.append(say(n, "x".repeat(800)));
		place.kill(log);
		place.foldWal();
		const tokens = tokensIn(place);
		const isKept = (token: Uint8Array) =>
			readFileSync(place.file).includes(token.subarray(500, 550));
		expect(tokens.filter(isKept)).toHaveLength(90);
		const next = place.sqliteLog();
		next.open(new Counter());
		for (let n = 91; n <= 100; n++) next.append(say(n, "x".repeat(800)));
		next.close();
		expect(tokensIn(place).length).toBeLessThan(10);
		expect(tokens.filter(isKept)).toEqual([]);
	});

	test("has a small WAL again after a large snapshot", () => {
		using place = new Place();
		const log = place.sqliteLog();
		const ballast = "x".repeat(3_000_000);
		const room = new (class extends Counter {
			override snapshot(): unknown {
				return { ...this, ballast };
			}
		})();
		log.open(room);
		for (let n = 1; n <= 10; n++) log.append(say(n));
		log.append(say(11));
		expect(statSync(place.file).size).toBeGreaterThan(3_000_000);
		expect(statSync(`${place.file}-wal`).size).toBeLessThan(1.25 * 1024 * 1024);
		log.close();
	});
});

/** Adds entries to the log in its argument until one is not taken, and prints what came of it. */
const FILLER = `
	import { SqliteLog } from "${ROOT}/lib/server/sqlite-log/sqlite-log.ts";
	import { systemClocks } from "${ROOT}/lib/util/clock.ts";
	const file = process.argv.at(-1);
	const warnings = [];
	const warn = (text) => warnings.push(text);
	const log = new SqliteLog({ file, key: file + ".key", maxBytes: 1e9, clocks: systemClocks, warn });
	let count = 0;
	log.open({ restore() {}, apply() { count++; }, snapshot() {} });
	for (let n = 1; log.append({ server: "a1", n, changes: [] }); n++);
	console.log(JSON.stringify({ count, warnings }));`;

test("an error of the disk is told once, and nothing is lost by it", () => {
	using place = new Place();
	// A file that has its largest size is to SQLite an error of the disk.
	const shell = 'trap "" XFSZ; ulimit -f 200; exec "$0" -e "$1" "$2"';
	const command = ["sh", "-c", shell, process.execPath, FILLER, place.file];
	const { stdout, stderr } = Bun.spawnSync(command);
	const { count, warnings } = JSON.parse(stdout.toString() || JSON.stringify(stderr.toString()));
	expect(count).toBeGreaterThan(10);
	expect(warnings).toEqual([expect.stringContaining("cannot be written: disk I/O error.")]);
	const room = new Recorder();
	const log = place.sqliteLog();
	log.open(room);
	expect(room.entries.map(({ n }) => n)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
	log.close();
});

describe.if(SmallDisk.canBeMounted)("where the disk is full", () => {
	test.each([
		["few entries", 1_000_000],
		["a snapshot that is due", 20_000],
	])("nothing is taken for now, nor lost, with %s", async (_, maxBytes) => {
		using disk = new SmallDisk(2 * 1024 * 1024);
		using place = new Place(disk.path);
		place.maxBytes = maxBytes;
		const log = place.sqliteLog();
		const room = new Recorder();
		log.open(room);
		let n = 0;
		while (n < 100) log.append(say(++n));
		const free = disk.fill();
		const others: number[] = [];
		for (let tries = 0; others.length < 20 && tries < 100_000; tries++) {
			place.clocks.pass(1000);
			if (log.append(say(n + 1))) n++;
			else others.push(n);
		}
		expect(others).toEqual(Array(20).fill(n));
		expect(room.entries.length).toBe(n);
		expect(place.warnings).toHaveLength(1);
		expect(place.warnings[0]).toContain(
			`${place.file} cannot be written: database or disk is full`,
		);
		free();
		place.clocks.pass(1000);
		expect(log.append(say(++n))).toBe(true);
		expect(place.warnings.slice(1)).toEqual([`The room file ${place.file} can be written again.`]);
		log.close();
		const next = new Recorder();
		const reopened = place.sqliteLog();
		reopened.open(next);
		expect(next.state).toEqual(room.state);
		reopened.remove();
		expect(place.files).toEqual([]);
	});

	test("nor is anything taken that could not be brought into the file", async () => {
		using disk = new SmallDisk(2 * 1024 * 1024);
		using place = new Place(disk.path);
		place.maxBytes = 1_000_000;
		const log = place.sqliteLog();
		const room = new Recorder();
		log.open(room);
		let n = 0;
		const add = () => log.append(say(++n, "x".repeat(1000)));
		// Their place in the WAL is used again once they are in the file.
		while (n < 100) add();
		await eventually("a checkpoint", () => statSync(place.file).size > 100_000);
		const free = disk.fill();
		for (let i = 0; i < 30; i++) expect(add()).toBe(true);
		await eventually("a warning", () => place.warnings.length > 0);
		for (let i = 0; i < 5; i++) {
			place.clocks.pass(1000);
			expect(log.append(say(n + 1))).toBe(false);
		}
		expect(place.warnings).toHaveLength(1);
		free();
		place.clocks.pass(1000);
		expect(add()).toBe(true);
		expect(place.warnings).toHaveLength(2);
		expect(room.entries.length).toBe(n);
		log.remove();
	});
});

describe.if(SmallDisk.canBeMounted)("a room that has ended is never half there:", () => {
	test.each([
		["room-wal", 20],
		["room", 20],
		["room.key", 0],
	])("it got as far as %s, and %i entries are left", (name, left) => {
		using place = new Place();
		using copy = new Place();
		const file = new RoomFile(place.file, new LogKeyFile(`${place.file}.key`));
		for (let n = 1; n <= 20; n++) file.append(`"n":${n}}`);
		const path = join(place.folder, name);
		// What is mounted cannot be deleted.
		expect(Bun.spawnSync(["mount", "--bind", path, path]).success).toBe(true);
		expect(() => file.remove()).toThrow();
		// As if the server had been killed now.
		cpSync(place.folder, copy.folder, { recursive: true });
		expect(Bun.spawnSync(["umount", "--lazy", path]).success).toBe(true);
		file.close();
		const next = new RoomFile(copy.file, new LogKeyFile(`${copy.file}.key`));
		expect([...next.entries()]).toHaveLength(left);
		next.close();
	});
});
