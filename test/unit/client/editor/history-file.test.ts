import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HistoryFile } from "../../../../lib/client/editor/history-file.ts";
import { ROOT } from "../../../support/root.ts";

const SERVER = "127.0.0.1:5050";

let home: string;
let folder: string;
let file: string;
beforeEach(async () => {
	home = await mkdtemp(join(tmpdir(), "fernet-chat-history-"));
	folder = join(home, "config", "fernet-chat");
	file = join(folder, "history.db");
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** Adds lines in a run of their own. */
function enter(lines: readonly string[], server = SERVER): void {
	const history = new HistoryFile(folder, server);
	for (const line of lines) history.add(line);
	history.close();
}

/** Has another program write into the file. */
async function foreign(...statements: readonly string[]): Promise<void> {
	using database = new Database(file);
	for (const statement of statements) database.run(statement);
	await chmod(file, 0o600);
}

/** What a new run has, and what it tells the user. */
function loaded(server = SERVER): { lines: readonly string[]; fault: string | null } {
	const history = new HistoryFile(folder, server);
	history.close();
	return history;
}

describe("what was entered is there in the next run", () => {
	test("in its order, with its lines, once in a row", () => {
		expect(loaded()).toMatchObject({ lines: [], fault: null });
		enter(["one", "two\nlines\n\tand a tab", "/who", "/who", "日本語 👩\u200d🚀"]);
		enter(["日本語 👩\u200d🚀", "last"]);
		const lines = ["one", "two\nlines\n\tand a tab", "/who", "日本語 👩\u200d🚀", "last"];
		expect(loaded()).toMatchObject({ lines, fault: null });
	});

	test("at that server, and at no other", () => {
		enter(["for friends"]);
		enter(["for work"], "work.example:5050");
		expect(loaded().lines).toEqual(["for friends"]);
		expect(loaded("work.example:5050").lines).toEqual(["for work"]);
		expect(loaded("127.0.0.1:5051").lines).toEqual([]);
	});

	test("for nobody else to read, and nothing lies beside it", async () => {
		enter(["one"]);
		expect((await stat(file)).mode & 0o777).toBe(0o600);
		expect((await stat(folder)).mode & 0o777).toBe(0o700);
		expect(await readdir(folder)).toEqual(["history.db"]);
	});

	test("from clients that are open at once: none loses what another has added", () => {
		const clients = Array.from({ length: 4 }, () => new HistoryFile(folder, SERVER));
		for (let i = 0; i < 25; i++)
			for (const [n, client] of clients.entries()) client.add(`${n}: ${i}`);
		for (const client of clients) client.close();
		const all = clients.flatMap((_, n) => Array.from({ length: 25 }, (_, i) => `${n}: ${i}`));
		expect([...loaded().lines].sort()).toEqual(all.sort());
	});

	test("and so from processes that write as fast as they can", async () => {
		const script = `
			const { HistoryFile } = await import("./lib/client/editor/history-file.ts");
			const history = new HistoryFile(process.argv[1], "${SERVER}");
			for (let i = 0; i < 100; i++) history.add(process.argv[2] + " " + i);
			history.close();`;
		const names = ["a", "b", "c"];
		const writers = names.map((name) =>
			Bun.spawn([process.execPath, "-e", script, folder, name], { cwd: ROOT }),
		);
		expect(await Promise.all(writers.map((writer) => writer.exited))).toEqual([0, 0, 0]);
		const all = names.flatMap((name) => Array.from({ length: 100 }, (_, i) => `${name} ${i}`));
		expect([...loaded().lines].sort()).toEqual(all.sort());
	});
});

describe("there is an end to it", () => {
	test("in lines, and what is dropped is gone from the file", async () => {
		enter(["a very special line"]);
		expect(await Bun.file(file).text()).toContain("a very special line");
		enter(Array.from({ length: 1001 }, (_, i) => `line ${i}`));
		const { lines } = loaded();
		expect([lines.length, lines[0], lines.at(-1)]).toEqual([500, "line 501", "line 1000"]);
		expect(rows()).toBe(1000);
		expect(await Bun.file(file).text()).not.toContain("a very special line");
	});

	test("in characters, of a line and of all", async () => {
		enter(["x".repeat(8193), "short"]);
		expect(loaded().lines).toEqual(["short"]);
		enter(Array.from({ length: 200 }, (_, i) => `${i} ${"€".repeat(8000)}`));
		expect(rows()).toBe(131);
		expect((await stat(file)).size).toBeLessThan(8 * 1024 * 1024);
	});

	const rows = (): unknown => {
		using database = new Database(file);
		return Object(database.query("SELECT count(*) AS n FROM line").get()).n;
	};
});

describe("a file that cannot be used is said, and left as it is", () => {
	test.each<[what: string, make: () => Promise<unknown>, says: RegExp]>([
		["no database", () => writeFile(file, "hello\n", { mode: 0o600 }), /is damaged/],
		[
			"cut off",
			async () => {
				enter(Array.from({ length: 500 }, (_, i) => `line ${i}`));
				await writeFile(file, (await Bun.file(file).bytes()).slice(0, 6000));
			},
			/is damaged/,
		],
		[
			"one that others can read",
			async () => {
				enter(["one"]);
				await chmod(file, 0o644);
			},
			/can be read by other users; run chmod 600 on it/,
		],
		["a folder", () => mkdir(file), /is not a regular file/],
		["one that is too large", () => writeFile(file, Buffer.alloc(17e6), { mode: 0o600 }), /bytes/],
		[
			"one of a later version",
			async () => {
				enter(["one"]);
				new Database(file).run("PRAGMA user_version = 9");
			},
			/is from another version/,
		],
		["a link that leads nowhere", () => symlink("nowhere", file), /is a link that leads nowhere\./],
		[
			"another program's",
			() => foreign("CREATE TABLE friend (name TEXT)"),
			/holds something else than your lines\./,
		],
		[
			"another program's, whose table has the name of ours",
			() => foreign("CREATE TABLE line (id INTEGER PRIMARY KEY, room TEXT, text TEXT)"),
			/holds something else than your lines\./,
		],
		[
			"one whose lines a view makes up",
			() =>
				foreign(
					"CREATE VIEW line AS SELECT 1 AS id, '127.0.0.1:5050' AS room, 'made up' AS text",
					"PRAGMA user_version = 1",
				),
			/holds something else than your lines\./,
		],
		[
			"one in which something runs at each line",
			async () => {
				enter(["one"]);
				await foreign("CREATE TRIGGER t AFTER INSERT ON line BEGIN DELETE FROM line; END");
			},
			/holds something else than your lines\./,
		],
	])("%s", async (_, make, says) => {
		await mkdir(folder, { recursive: true });
		await make();
		const before = await stat(file).catch(() => null);
		const history = new HistoryFile(folder, SERVER);
		expect(history.fault).toMatch(says);
		expect(history.fault).toContain(file);
		expect(history.lines).toEqual([]);
		history.add("not saved");
		history.close();
		const after = await stat(file).catch(() => null);
		expect([after?.size, after?.mtimeMs]).toEqual([before?.size, before?.mtimeMs]);
	});

	test("and so is one that another client has locked; what is entered meanwhile is saved later", () => {
		const history = new HistoryFile(folder, SERVER);
		let late: HistoryFile;
		{
			using other = new Database(file);
			other.run("BEGIN EXCLUSIVE");
			late = new HistoryFile(folder, SERVER);
			expect(late.fault).toMatch(/ is in use by another client\. What you type is saved once /);
			history.add("while it was locked");
			late.add("too late to read it");
		}
		expect(loaded().lines).toEqual([]);
		history.add("after that");
		late.add("and this");
		const lines = ["while it was locked", "after that", "too late to read it", "and this"];
		expect(loaded().lines).toEqual(lines);
		for (const each of [history, late]) each.close();
	});

	test("and what is entered while it is locked, and nothing afterwards, is saved at the end", () => {
		const history = new HistoryFile(folder, SERVER);
		{
			using other = new Database(file);
			other.run("BEGIN EXCLUSIVE");
			history.add("while it was locked");
		}
		history.close();
		expect(loaded().lines).toEqual(["while it was locked"]);
	});

	test("and no line waits until it is free", () => {
		const history = new HistoryFile(folder, SERVER);
		using other = new Database(file);
		other.run("BEGIN EXCLUSIVE");
		const start = performance.now();
		for (let i = 0; i < 8; i++) history.add(`line ${i}`);
		// A wait of half a second each, otherwise.
		expect(performance.now() - start).toBeLessThan(2000);
		other.run("COMMIT");
		history.close();
		expect(loaded().lines).toHaveLength(8);
	});

	test("and where no file can be made, nothing is said", () => {
		for (const place of ["/dev/null/fernet-chat", "/proc/fernet-chat"]) {
			const history = new HistoryFile(place, SERVER);
			history.add("not saved");
			expect(history).toMatchObject({ lines: [], fault: null });
		}
	});
});

test("what somebody else has put there cannot reach the terminal but as text", () => {
	enter(["one"]);
	using database = new Database(file);
	const hostile = "red \x1b[31m\x07\x9b2J\r\ntwo\ud800\tx";
	database.run("INSERT INTO line (room, text) VALUES (?, ?)", [SERVER, hostile]);
	database.run("INSERT INTO line (room, text) VALUES (?, ?)", [SERVER, "y".repeat(9000)]);
	expect(loaded().lines.map((line) => line.replace("\ufffd", ""))).toEqual([
		"one",
		"red [31m2J\ntwo\tx",
	]);
});
