import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import {
	chmodSync,
	chownSync,
	copyFileSync,
	cpSync,
	mkdirSync,
	readFileSync,
	renameSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { LogCipher } from "../../../../lib/server/sqlite-log/log-cipher.ts";
import { SqliteLog } from "../../../../lib/server/sqlite-log/sqlite-log.ts";
import { systemClocks } from "../../../../lib/util/clock.ts";
import { generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { ExfatDisk } from "../../../support/exfat.ts";
import { WITHOUT_LOCKS } from "../../../support/no-locks.ts";
import { ROOT } from "../../../support/root.ts";
import { SmallDisk } from "../../../support/small-disk.ts";
import { Place, Recorder, say } from "../room-log/logs.ts";
import { makeRoom, refusal, reopened, sql } from "./spoilt-rooms.ts";

// What the server says of a room file that it cannot use. It leaves the file as it was.

const isRoot = process.getuid?.() === 0;
const OTHER = 12345;

const NOTHING: [what: string, arrange: (place: Place) => void, message: RegExp][] = [
	["a folder", ({ file }) => mkdirSync(file), /is a folder. Give the path of a file in it/],
	["a FIFO", ({ file }) => void Bun.spawnSync(["mkfifo", file]), /is not a regular file/],
	[
		"a socket",
		({ file }) => {
			const bind = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])";
			Bun.spawnSync(["python3", "-c", bind, file]);
		},
		/is not a regular file/,
	],
	["a link to nothing", ({ file }) => symlinkSync("nowhere", file), /is a link/],
	["a link to itself", ({ file }) => symlinkSync("room", file), /is a link/],
	["a text", ({ file }) => writeFileSync(file, "hello\n", { mode: 0o600 }), /another program's/],
	[
		"zeros",
		({ file }) => writeFileSync(file, Buffer.alloc(20_000), { mode: 0o600 }),
		/another program's/,
	],
	[
		"another program's database",
		(place) => {
			sql(place, "PRAGMA journal_mode = WAL", "CREATE TABLE a (b)");
			chmodSync(place.file, 0o600);
		},
		/another program's/,
	],
	[
		"a WAL without its file",
		({ file }) => writeFileSync(`${file}-wal`, "x", { mode: 0o600 }),
		/is missing or empty, but .*room-wal/,
	],
	[
		"a key in a link",
		({ file }) => symlinkSync("nowhere", `${file}.key`),
		/room.key: it is a link/,
	],
	["a folder as its key", ({ file }) => mkdirSync(`${file}.key`), /room.key: it is not a regular/],
	[
		"no key in the key file",
		({ file }) => writeFileSync(`${file}.key`, "secret", { mode: 0o600 }),
		/room.key: it does not hold a Fernet key/,
	],
	[
		"too much in the key file",
		({ file }) => writeFileSync(`${file}.key`, generateKey() + generateKey(), { mode: 0o600 }),
		/room.key: it does not hold a Fernet key/,
	],
];

test.each(NOTHING)("in the place of a room: %s", (_, arrange, message) => {
	using place = new Place();
	arrange(place);
	const error = refusal(place);
	expect(error.message).toMatch(message);
	expect(error.message).toContain(place.file);
});

test("a folder that does not exist is named, with what to do", () => {
	using place = new Place();
	const file = join(place.folder, "rooms", "1");
	const log = new SqliteLog({ ...place, file, key: `${file}.key`, warn: place.warn });
	const { message } = refusal(place, log);
	expect(message).toEndWith(
		`/rooms does not exist. Create it first. Run: mkdir -m 700 ${place.folder}/rooms`,
	);
});

test("a key that cannot be made leaves no room behind", () => {
	using place = new Place();
	for (const key of [join(place.folder, "keys", "1"), join(place.folder, "k".repeat(300))]) {
		const log = new SqliteLog({ ...place, file: place.file, key, warn: place.warn });
		expect(refusal(place, log).message).toMatch(/^Cannot (create|use) the key file .*: EN\w+: /);
	}
	expect(place.files).toEqual([]);
});

const SPOILT: [what: string, spoil: (place: Place) => void, message: RegExp][] = [
	["without its key", ({ file }) => rmSync(`${file}.key`), /its key .*room.key is missing/],
	[
		"with another room's key",
		({ file }) => writeFileSync(`${file}.key`, generateKey()),
		/the key in .*room.key is another room's/,
	],
	["that others can read", ({ file }) => chmodSync(file, 0o644), /run chmod 600 on it/],
	["that others can write", ({ file }) => chmodSync(file, 0o602), /run chmod 600 on it/],
	[
		"whose key others can read",
		({ file }) => chmodSync(`${file}.key`, 0o640),
		/room.key: it can be read by other users/,
	],
	[
		"whose WAL others can write",
		({ file }) => writeFileSync(`${file}-wal`, "", { mode: 0o666 }),
		/run chmod 600 on it/,
	],
	[
		"beside which a journal is a link",
		({ file }) => symlinkSync("nowhere", `${file}-journal`),
		/room-journal: it is a link/,
	],
	["of a newer version", (place) => sql(place, "PRAGMA user_version = 2"), /newer version/],
	[
		"with an entry of a newer version",
		(place) => {
			const cipher = new LogCipher(readFileSync(`${place.file}.key`, "latin1"));
			using database = new Database(place.file);
			database.run("INSERT INTO entries (token) VALUES (?)", [cipher.seal('{"v":2}')]);
		},
		/newer version/,
	],
	[
		"without one of its entries",
		(place) => sql(place, "DELETE FROM entries WHERE id = 2"),
		/is damaged/,
	],
	[
		"with an entry that is a text",
		(place) => sql(place, "UPDATE entries SET token = 'hello' WHERE id = 2"),
		/is damaged/,
	],
	[
		"with one entry fewer, which the others close up to",
		(place) =>
			sql(
				place,
				"DELETE FROM entries WHERE id = 2",
				"UPDATE entries SET id = -id WHERE id > 2",
				"UPDATE entries SET id = -id - 1 WHERE id < 0",
			),
		/is damaged/,
	],
	[
		"with two entries in each other's place",
		(place) =>
			sql(
				place,
				"UPDATE entries SET id = -1 WHERE id = 2",
				"UPDATE entries SET id = 2 WHERE id = 3",
				"UPDATE entries SET id = 3 WHERE id = -1",
			),
		/is damaged/,
	],
	[
		"with a part of an entry",
		(place) => sql(place, "UPDATE entries SET token = substr(token, 1, 100) WHERE id = 2"),
		/is damaged/,
	],
];

test.each(SPOILT)("a room %s", (_, spoil, message) => {
	using place = new Place();
	const room = makeRoom(place);
	const copy = `${place.folder}.copy`;
	cpSync(place.folder, copy, { recursive: true });
	spoil(place);
	// What SQLite leaves beside a file that a test has changed is no matter of ours.
	if (_ !== "whose WAL others can write") rmSync(`${place.file}-wal`, { force: true });
	rmSync(`${place.file}-shm`, { force: true });
	const { message: said } = refusal(place);
	expect(said).toMatch(message);
	expect(said).toContain(place.file);
	// Once that is put right, the room is as it was.
	rmSync(place.folder, { recursive: true });
	renameSync(copy, place.folder);
	expect(reopened(place)).toEqual(room.state);
});

describe.if(isRoot)("another user's", () => {
	test.each(["room", "room.key"])("%s", (name) => {
		using place = new Place();
		makeRoom(place);
		chownSync(join(place.folder, name), OTHER, OTHER);
		expect(refusal(place).message).toMatch(new RegExp(`${name}: it belongs to another user`));
	});
});

/** What another process says that opens the room. */
function openElsewhere({ file }: Place, within: readonly string[] = []): string {
	const script = `
		import { SqliteLog } from "${ROOT}/lib/server/sqlite-log/sqlite-log.ts";
		import { systemClocks } from "${ROOT}/lib/util/clock.ts";
		const file = process.argv.at(-1);
		const log = new SqliteLog({ file, key: file + ".key", maxBytes: 1000, clocks: systemClocks, warn() {} });
		try { log.open({ restore() {}, apply() {}, snapshot() {} }); console.log("opened"); }
		catch (error) { console.log(error.message); }`;
	const { stdout } = Bun.spawnSync([...within, process.execPath, "-e", script, file]);
	return stdout.toString().trim();
}

test("a room has one server at a time, in this process or another", () => {
	using place = new Place();
	const log = place.sqliteLog();
	const room = new Recorder();
	log.open(room);
	log.append(say(1));
	const message = `Cannot use the room file ${place.file}: another server is using it. Choose another file with --room.`;
	expect(() => place.sqliteLog().open(new Recorder())).toThrow(message);
	expect(openElsewhere(place)).toBe(message);
	expect(log.append(say(2))).toBe(true);
	log.close();
	expect(reopened(place)).toEqual(room.state);
});

test.each(["ENOLCK", "EOPNOTSUPP"])(
	"where the system answers a lock with %s, the filesystem is to blame and no server",
	(error) => {
		using place = new Place();
		const text = openElsewhere(place, [...WITHOUT_LOCKS, error]);
		expect(text).toContain(`${place.file}: its filesystem has no file locks`);
	},
);

describe.if(ExfatDisk.canBeMounted)("on a filesystem without modes", () => {
	test("where others could read it, no room begins", () => {
		using disk = new ExfatDisk("umask=0");
		using place = new Place(disk.path);
		expect(refusal(place).message).toMatch(/does not keep file modes.* elsewhere with --room\./);
	});

	test("where all is private, one does", () => {
		using disk = new ExfatDisk("umask=077");
		using place = new Place(disk.path);
		const { state } = makeRoom(place);
		expect(reopened(place)).toEqual(state);
	});
});

describe.if(SmallDisk.canBeMounted)("where nothing can be written", () => {
	test("no room begins, and none goes on", () => {
		using disk = new SmallDisk(1024 * 1024);
		using place = new Place(disk.path);
		makeRoom(place);
		const mode = (to: string) => Bun.spawnSync(["mount", "-o", `remount,${to}`, disk.path]);
		mode("ro");
		expect(refusal(place).message).toContain(place.file);
		const file = join(place.folder, "new");
		const log = new SqliteLog({ ...place, file, key: `${file}.key`, warn: place.warn });
		expect(refusal(place, log).message).toContain(`nothing can be written in the folder`);
		mode("rw");
	});
});

test("an empty file is a new room, and a key without a room is its key", () => {
	using place = new Place();
	const key = generateKey();
	writeFileSync(place.file, "", { mode: 0o600 });
	writeFileSync(`${place.file}.key`, `${key}\n`, { mode: 0o600 });
	const { state } = makeRoom(place);
	expect(reopened(place)).toEqual(state);
	expect(readFileSync(`${place.file}.key`, "latin1")).toBe(`${key}\n`);
	copyFileSync(`${place.file}.key`, join(place.folder, "elsewhere"));
	rmSync(`${place.file}.key`);
	const { file, maxBytes, warn } = place;
	const elsewhere = { file, maxBytes, warn, key: join(place.folder, "elsewhere") };
	const log = new SqliteLog({ ...elsewhere, clocks: systemClocks });
	const room = new Recorder();
	log.open(room);
	expect(room.state).toEqual(state);
	log.remove();
	expect(place.files).toEqual([]);
});
