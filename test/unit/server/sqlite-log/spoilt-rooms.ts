import { Database } from "bun:sqlite";
import { expect } from "bun:test";
import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ChatError } from "../../../../lib/util/errors.ts";
import { type Place, Recorder, say } from "../room-log/logs.ts";

// Rooms in files, and what becomes of a start with them.

/** A room with a snapshot and some entries, whose server was killed. */
export function makeRoom(place: Place): Recorder {
	const log = place.sqliteLog();
	const room = new Recorder();
	log.open(room);
	for (let n = 1; n <= 60; n++) log.append(say(n, `text ${n} `.repeat(n)));
	place.kill(log);
	place.foldWal();
	return room;
}

/** Everything in the folder, byte by byte. */
export const contents = (place: Place) =>
	place.files.map((name) => {
		const path = join(place.folder, name);
		const { mode, uid, size } = lstatSync(path);
		const isFile = lstatSync(path).isFile();
		return [name, mode, uid, size, isFile && Bun.hash(readFileSync(path))];
	});

/** Opens the room, which is refused and stays as it was, and returns the error. */
export function refusal(place: Place, log = place.sqliteLog()): ChatError {
	const before = contents(place);
	try {
		log.open(new Recorder());
	} catch (error) {
		if (!(error instanceof ChatError)) throw error;
		expect(contents(place)).toEqual(before);
		expect(error.code).toBe("room_log_unusable");
		expect(log.append(say(1))).toBe(false);
		return error;
	}
	throw new Error("it was not refused");
}

/** The state that the room comes back with, or null if it is refused. */
export function reopened(place: Place): unknown {
	const room = new Recorder();
	const log = place.sqliteLog();
	try {
		log.open(room);
		log.close();
		return room.state;
	} catch (error) {
		if (!(error instanceof ChatError)) throw error;
		expect(error.message).toContain(place.file);
		return null;
	}
}

export function sql(place: Place, ...statements: string[]): void {
	using database = new Database(place.file);
	for (const statement of statements) database.run(statement);
}
