import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LogCipher } from "../../../../lib/server/sqlite-log/log-cipher.ts";
import { Place, Recorder, say } from "../room-log/logs.ts";
import { makeRoom, refusal, reopened } from "./spoilt-rooms.ts";

// A room file that is damaged: refused as a whole, or as it was. Nothing is made up.

test("a snapshot whose state has another hash is refused", () => {
	for (const spoil of [
		(state: unknown[]) => void state.pop(),
		(state: unknown[]) => void state.push(1),
		(state: unknown[]) => void state.reverse(),
	]) {
		using place = new Place();
		makeRoom(place);
		const cipher = new LogCipher(readFileSync(`${place.file}.key`, "latin1").trim());
		{
			using database = new Database(place.file);
			using select = database.prepare("SELECT token FROM snapshot");
			const snapshot = cipher.open(select.values()[0]?.[0] as Uint8Array) as { state: unknown[] };
			spoil(snapshot.state);
			database.run("UPDATE snapshot SET token = ?", [cipher.seal(JSON.stringify(snapshot))]);
		}
		expect(refusal(place).message).toMatch(/is damaged/);
	}
});

const PAGE = 4096;

test("whichever byte is flipped, the room is refused or is as it was", () => {
	using place = new Place();
	place.maxBytes = 8000;
	const { state } = makeRoom(place);
	const good = readFileSync(place.file);
	const flips: [at: number, bit: number][] = [];
	for (let at = 0; at < 100; at++) flips.push([at, at % 8]);
	// The head of each page says how many cells it has, and where they are.
	for (let page = 0; page < good.length; page += PAGE) {
		for (const at of [0, 1, 5, 7, 8, 9, 10, 11]) flips.push([page + at, at % 8]);
		for (let bit = 0; bit < 8; bit++) flips.push([page + 4, bit]);
	}
	for (let i = 0; i < 150; i++) flips.push([Math.floor(Math.random() * good.length), i % 8]);
	let refused = 0;
	for (const [at, bit] of flips) {
		const bytes = Buffer.from(good);
		bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
		writeFileSync(place.file, bytes);
		const found = reopened(place);
		if (found === null) {
			refused++;
			expect(readFileSync(place.file).equals(bytes)).toBe(true);
		} else expect([at, bit, found]).toEqual([at, bit, state]);
	}
	expect(refused).toBeGreaterThan(100);
});

test("a WAL ends where it is damaged, as after a loss of power: what was before is there", () => {
	using place = new Place();
	place.maxBytes = 1_000_000;
	const log = place.sqliteLog();
	const room = new Recorder();
	log.open(room);
	for (let n = 1; n <= 50; n++) log.append(say(n, "x".repeat(n * 20)));
	const files = place.files.map((name) => [name, readFileSync(join(place.folder, name))] as const);
	log.remove();
	const counts = new Set<number>();
	for (let i = 0; i < 40; i++) {
		for (const [name, good] of files) {
			const bytes = Buffer.from(good);
			const at = Math.floor(Math.random() * bytes.length);
			if (name === "room-wal") bytes[at] = (bytes[at] ?? 0) ^ (1 << (i % 8));
			writeFileSync(join(place.folder, name), bytes, { mode: 0o600 });
		}
		const found = reopened(place) as unknown[];
		expect(found).toEqual(room.state.slice(0, found.length));
		counts.add(found.length);
	}
	expect(counts.size).toBeGreaterThan(3);
});

test("a kill in the middle of a checkpoint damages nothing", () => {
	using place = new Place();
	place.maxBytes = 1_000_000;
	const log = place.sqliteLog();
	const room = new Recorder();
	log.open(room);
	for (let n = 1; n <= 50; n++) log.append(say(n, "x".repeat(n * 20)));
	const [before, wal] = [place.file, `${place.file}-wal`].map((path) => readFileSync(path));
	place.kill(log);
	place.foldWal();
	const after = readFileSync(place.file);
	expect(after.length).toBeGreaterThan((before?.length ?? 0) + 4 * PAGE);
	for (let size = 0; size <= after.length; size += PAGE) {
		const rest = before?.subarray(size) ?? Buffer.alloc(0);
		writeFileSync(place.file, Buffer.concat([after.subarray(0, size), rest]));
		writeFileSync(`${place.file}-wal`, wal ?? "", { mode: 0o600 });
		expect([size, reopened(place)]).toEqual([size, room.state]);
	}
});

test("wherever it is cut off, the room is refused", () => {
	using place = new Place();
	place.maxBytes = 8000;
	makeRoom(place);
	const good = readFileSync(place.file);
	for (const size of [
		1,
		16,
		50,
		99,
		100,
		511,
		512,
		4095,
		4096,
		8192,
		12_288,
		16_384,
		good.length - 4096,
		good.length - 1,
	]) {
		writeFileSync(place.file, good);
		truncateSync(place.file, size);
		expect([size, refusal(place).message]).toEqual([size, expect.stringContaining(place.file)]);
	}
});
