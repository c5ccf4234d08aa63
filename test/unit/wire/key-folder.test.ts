import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import {
	chmodSync,
	chownSync,
	existsSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRandomId, randomId } from "../../../lib/util/random-id.ts";
import { generateKey } from "../../../lib/wire/fernet.ts";
import { KeyFolder, KeyFolderError } from "../../../lib/wire/key-folder.ts";
import { ROOT } from "../../support/root.ts";

const FOLDERS = mkdtempSync(join(tmpdir(), "fernet-chat-test-"));
afterAll(() => rmSync(FOLDERS, { recursive: true }));

// Root may do anything to any file, so what only root can set up, and what nothing keeps root
// from, are told apart below: each of the two kinds of user checks what it can see.
const isRoot = process.getuid?.() === 0;
const OTHER = isRoot ? 65_534 : 0;

let place: string;
let folder: KeyFolder;
let id: string;
beforeEach(() => {
	place = join(mkdtempSync(join(FOLDERS, "x-")), "keys");
	folder = new KeyFolder(place);
	id = randomId();
});

const modeOf = (path: string): number => statSync(path).mode & 0o7777;
const fileOf = (session: string): string => join(place, `${session}.key`);

/** A file in the folder, last written so many seconds ago. */
function put(name: string, { content = generateKey(), age = 0, mode = 0o600 } = {}): void {
	writeFileSync(join(place, name), content);
	chmodSync(join(place, name), mode);
	const then = Date.now() / 1000 - age;
	utimesSync(join(place, name), then, then);
}

function refusal(action: () => unknown): KeyFolderError {
	try {
		action();
	} catch (error) {
		if (error instanceof KeyFolderError) return error;
		throw error;
	}
	throw new Error("it was not refused");
}

describe("publish and read", () => {
	test("what one side publishes the other reads", () => {
		const key = generateKey();
		expect(folder.read(id)).toBeNull();
		folder.save(id, key);
		expect(new KeyFolder(place).read(id)).toBe(key);
		expect(readFileSync(fileOf(id), "latin1")).toBe(key);
	});

	test("nobody else may read it, whatever the umask", () => {
		const umask = process.umask(0);
		try {
			new KeyFolder(join(place, "a")).save(id, generateKey());
		} finally {
			process.umask(umask);
		}
		expect(modeOf(join(place, "a"))).toBe(0o700);
		expect(modeOf(join(place, "a", `${id}.key`))).toBe(0o600);
	});

	test("an id that is taken is refused; the first key stays and nothing else does", () => {
		folder.save(id, generateKey());
		const first = { ...statSync(fileOf(id)), content: readFileSync(fileOf(id), "latin1") };
		const second = generateKey();
		const error = refusal(() => folder.save(id, second));
		expect(error).toMatchObject({ code: "keys_unusable", cause: { code: "EEXIST" } });
		expect(Bun.inspect(error)).not.toContain(second);
		expect(readFileSync(fileOf(id), "latin1")).toBe(first.content);
		expect(statSync(fileOf(id))).toMatchObject({ ino: first.ino, mtimeMs: first.mtimeMs });
		expect(readdirSync(place)).toEqual([`${id}.key`]);
	});

	test("a link where the key would be written is not followed", () => {
		const target = join(place, "target");
		put("target", { content: "untouched" });
		for (const leadsTo of [target, join(place, "nothing")]) {
			symlinkSync(leadsTo, fileOf(id));
			expect(refusal(() => folder.save(id, generateKey())).code).toBe("keys_unusable");
			rmSync(fileOf(id));
		}
		expect(readFileSync(target, "latin1")).toBe("untouched");
		expect(readdirSync(place)).toEqual(["target"]);
	});

	test.each(["", "..", "../../etc/passwd", "A".repeat(32), "a".repeat(31), "a".repeat(33), "a\n"])(
		"%j is no session id",
		(wrong) => {
			expect(isRandomId(wrong)).toBe(false);
			expect(refusal(() => folder.read(wrong)).code).toBe("bad_session_id");
			expect(refusal(() => folder.save(wrong, generateKey())).code).toBe("bad_session_id");
			expect(refusal(() => folder.remove(wrong)).code).toBe("bad_session_id");
			expect(readdirSync(place)).toEqual([]);
		},
	);

	test("session ids are 128 random bits", () => {
		const ids = Array.from({ length: 1000 }, randomId);
		expect(new Set(ids).size).toBe(ids.length);
		expect(ids.every(isRandomId)).toBe(true);
	});
});

describe("a key file that is not one", () => {
	const holds = (content: string) => () => put(`${id}.key`, { content });
	const linksTo = (target: string) => () => {
		put("good");
		symlinkSync(target, fileOf(id));
	};
	test.each<[string, () => void, string]>([
		["a link to a good one", linksTo("good"), "is a link"],
		["a link to nothing", linksTo("nothing"), "is a link"],
		["a directory", () => mkdirSync(fileOf(id)), "is not a regular file"],
		["empty", holds(""), "is not 44 bytes long"],
		["a byte too few", holds(generateKey().slice(1)), "is not 44 bytes long"],
		["a newline too many", holds(`${generateKey()}\n`), "is not 44 bytes long"],
		["far too long", holds("secret".repeat(1000)), "is not 44 bytes long"],
		["not base64url", holds("secret*".repeat(7).slice(0, 44)), "does not hold a Fernet key"],
		["33 bytes in base64url", holds(generateKey().replace("=", "A")), "does not hold a Fernet key"],
		["not ASCII", holds("\xe9".repeat(22)), "does not hold a Fernet key"],
	])("%s", (_, make, says) => {
		make();
		const error = refusal(() => folder.read(id));
		expect(error).toMatchObject({ code: "bad_key_file", message: `the key file ${says}` });
		expect(Bun.inspect(error)).not.toContain("secret");
	});

	test.each(["640", "620", "610", "604", "602", "601", "644", "666"])("mode %s", (mode) => {
		put(`${id}.key`, { mode: Number.parseInt(mode, 8) });
		const error = refusal(() => folder.read(id));
		expect(error.message).toBe("the key file can be read by others; chmod 600 it");
	});

	test("a FIFO, without waiting for its writer", () => {
		expect(Bun.spawnSync(["mkfifo", "-m", "600", fileOf(id)]).exitCode).toBe(0);
		const read = `(() => {
			try { return folder.read("${id}"); } catch (error) { return error.code + " " + error.message; }
		})()`;
		expect(inProcess(read)).toBe("bad_key_file the key file is not a regular file");
	});

	test("another user's", () => {
		put(`${id}.key`);
		const give = () => chownSync(fileOf(id), OTHER, OTHER);
		if (!isRoot) return expect(give).toThrow("EPERM");
		give();
		expect(refusal(() => folder.read(id)).message).toBe("the key file belongs to another user");
	});
});

describe("the folder", () => {
	test("open to others but ours alone, it is closed to them", () => {
		const ours = [
			"README.md",
			".gitignore",
			`${id}.key`,
			`${randomId()}.key.${randomId()}`,
			"server.1",
		];
		for (const name of ours) put(name);
		for (const mode of [0o755, 0o770, 0o701]) {
			chmodSync(place, mode);
			new KeyFolder(place);
			expect(modeOf(place)).toBe(0o700);
		}
		expect(readdirSync(place).sort()).toEqual(ours.sort());
	});

	test.each(["notes.txt", ".ssh", "server.py", `x${"a".repeat(32)}.key`, "a.key"])(
		"open to others and with %s in it, it is refused and left as it is",
		(name) => {
			put(name, { content: "foreign", mode: 0o644 });
			chmodSync(place, 0o755);
			const error = refusal(() => new KeyFolder(place));
			expect(error.code).toBe("keys_unusable");
			expect(error.message).toContain(`chmod 700 ${place}`);
			expect(modeOf(place)).toBe(0o755);
			expect(readdirSync(place)).toEqual([name]);
			expect(modeOf(join(place, name))).toBe(0o644);
			chmodSync(place, 0o700);
			expect(new KeyFolder(place).path).toBe(place);
		},
	);

	test("a file in its place is said to be one", () => {
		const file = join(place, "file");
		writeFileSync(file, "untouched");
		const error = refusal(() => new KeyFolder(file));
		expect(error).toMatchObject({
			code: "keys_unusable",
			message: `cannot keep keys in ${file}: it is not a folder`,
		});
		expect(readFileSync(file, "latin1")).toBe("untouched");
	});

	test("a parent that it cannot be made in", () => {
		const file = join(place, "file");
		writeFileSync(file, "");
		const error = refusal(() => new KeyFolder(join(file, "keys")));
		expect(error.code).toBe("keys_unusable");
		expect(error.message).toContain(join(file, "keys"));

		if (isRoot) return;
		const below = join(place, "keys");
		chmodSync(place, 0o500);
		expect(refusal(() => new KeyFolder(below)).message).toContain(below);
		chmodSync(place, 0o700);
	});

	test("another user's", () => {
		if (isRoot) chownSync(place, OTHER, OTHER);
		const other = isRoot ? place : "/";
		const error = refusal(() => new KeyFolder(other));
		expect(error).toMatchObject({
			code: "keys_unusable",
			message: `cannot keep keys in ${other}: it belongs to another user`,
		});
	});
});

describe("the end of a key", () => {
	test("remove takes one away, and once more is no error", () => {
		const other = randomId();
		folder.save(id, generateKey());
		folder.save(other, generateKey());
		folder.remove(id);
		folder.remove(id);
		expect(readdirSync(place)).toEqual([`${other}.key`]);
		expect(folder.read(id)).toBeNull();
	});

	test("a folder that has vanished holds nothing, and has nothing to clean up", () => {
		folder.claim("127.0.0.1", 5050);
		rmSync(place, { recursive: true });
		expect(folder.read(id)).toBeNull();
		folder.remove(id);
		folder.release();
		expect(refusal(() => folder.save(id, generateKey())).code).toBe("keys_unusable");
		folder.sweep(Date.now());
		expect(existsSync(place)).toBe(false);
	});
});

describe("sweep", () => {
	const minuteAgo = () => Date.now() - 60_000;
	const old = { age: 120 };

	test("takes old keys, whole and half made, and leaves young ones and what is not ours", () => {
		const documents = ["README.md", ".gitignore"];
		const foreign = [...documents, "a.key", `x${id}.key`, `${"A".repeat(32)}.key`, "server."];
		foreign.push(`${randomId()}.key.new`, `a.key.${randomId()}`, `notes.${randomId()}`);
		for (const name of foreign) put(name, old);
		put(`${randomId()}.key`, old);
		put(`${randomId()}.key.${randomId()}`, old);
		const young = `${id}.key`;
		put(young);
		folder.sweep(minuteAgo());
		expect(readdirSync(place).sort()).toEqual([...foreign, young].sort());
	});

	test("leaves links that are named like keys, and what they lead to", () => {
		put("target", old);
		symlinkSync("target", fileOf(id));
		symlinkSync("nothing", fileOf(randomId()));
		const before = readdirSync(place);
		folder.sweep(minuteAgo());
		expect(readdirSync(place).sort()).toEqual(before.sort());
	});

	test("is not stopped by a directory that is named like a key", () => {
		mkdirSync(fileOf(id));
		utimesSync(fileOf(id), 1, 1);
		for (let keys = 0; keys < 10; keys++) put(`${randomId()}.key`, old);
		folder.sweep(minuteAgo());
		expect(readdirSync(place)).toEqual([`${id}.key`]);
	});

	test("takes a dead server's claim and keys, not our own claim", async () => {
		const dead = Bun.spawn(["true"]);
		await dead.exited;
		put(`${id}.key`, old);
		for (const suffix of ["", `.${randomId()}`]) put(`server.${dead.pid}${suffix}`);
		folder.claim("127.0.0.1", 5050);
		expect(modeOf(join(place, `server.${process.pid}`))).toBe(0o600);
		folder.sweep(minuteAgo());
		expect(readdirSync(place)).toEqual([`server.${process.pid}`]);
		folder.release();
		folder.release();
		expect(readdirSync(place)).toEqual([]);
	});
});

describe("a server's claim", () => {
	const CLAIM = { host: "::1", port: 6000 };

	test("says where another live server listens; our own is no obstacle to ourselves", async () => {
		await using other = Bun.spawn(["sleep", "60"]);
		put(`server.${other.pid}`, { content: JSON.stringify(CLAIM) });
		expect(folder.claims()).toEqual([CLAIM]);
		folder.claim("127.0.0.1", 5050);
		expect(folder.claims()).toEqual([CLAIM]);
	});

	test("that a dead one left is none, whatever is in it", async () => {
		const dead = Bun.spawn(["true"]);
		await dead.exited;
		for (const content of ["not JSON", JSON.stringify(CLAIM)]) {
			put(`server.${dead.pid}`, { content });
			expect(folder.claims()).toEqual([]);
		}
	});

	/** Makes what is not a claim at a path. */
	type Make = (path: string, name: string) => void;
	const holds =
		(content: string, mode = 0o600): Make =>
		(_, name) =>
			put(name, { content, mode });
	const linksTo =
		(target: string): Make =>
		(path) => {
			put("claim", { content: JSON.stringify(CLAIM) });
			symlinkSync(target, path);
		};
	const unbelievable: [what: string, make: Make][] = [
		// A number is used again: what wrote these is dead, perhaps in the middle of writing.
		["empty", holds("")],
		["cut off", holds("{")],
		["null", holds("null")],
		["a list", holds("[]")],
		["without a port", holds('{"host":"127.0.0.1"}')],
		["with a word for a port", holds('{"host":"127.0.0.1","port":"5050"}')],
		["with a number for a host", holds('{"host":1,"port":5050}')],
		["far too long", holds(JSON.stringify({ ...CLAIM, more: "x".repeat(2000) }))],
		["that others may write", holds(JSON.stringify(CLAIM), 0o602)],
		["that others may read", holds(JSON.stringify(CLAIM), 0o640)],
		["a link to a good one", linksTo("claim")],
		["a link to nothing", linksTo("nothing")],
		["a link to itself", (path, name) => symlinkSync(name, path)],
		["a folder", (path) => mkdirSync(path)],
		["a FIFO", (path) => Bun.spawnSync(["mkfifo", "-m", "600", path])],
		["a link to a FIFO", linkToFifo],
	];
	function linkToFifo(path: string): void {
		Bun.spawnSync(["mkfifo", "-m", "600", join(place, "fifo")]);
		symlinkSync("fifo", path);
	}

	test.each(unbelievable)("%s is not believed and does not hang", async (_, make) => {
		await using other = Bun.spawn(["sleep", "60"]);
		make(join(place, `server.${other.pid}`), `server.${other.pid}`);
		expect(inProcess("JSON.stringify(folder.claims())")).toBe("[]");
		expect(() => folder.sweep(0)).not.toThrow();
	});

	test("of another user is not believed", async () => {
		if (!isRoot) return;
		await using other = Bun.spawn(["sleep", "60"]);
		put(`server.${other.pid}`, { content: JSON.stringify(CLAIM) });
		chownSync(join(place, `server.${other.pid}`), OTHER, OTHER);
		expect(folder.claims()).toEqual([]);
	});

	// A FIFO would hang this process if it were opened; a server's start is tried with one elsewhere.
	const inTheWay = unbelievable.filter(([what]) => !/a folder|FIFO/.test(what));
	test.each(inTheWay)("%s in the place of our own is replaced", (_, make) => {
		make(join(place, `server.${process.pid}`), `server.${process.pid}`);
		folder.claim("127.0.0.1", 5050);
		const path = join(place, `server.${process.pid}`);
		expect(lstatSync(path).isFile()).toBe(true);
		expect(modeOf(path)).toBe(0o600);
		expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ host: "127.0.0.1", port: 5050 });
		if (existsSync(join(place, "claim"))) {
			expect(readFileSync(join(place, "claim"), "utf8")).toBe(JSON.stringify(CLAIM));
		}
	});
});

/** What an expression about the folder is, in a process of its own: one that waits hangs that one. */
function inProcess(expression: string): string {
	const module = join(ROOT, "lib/wire/key-folder.ts");
	const script = `import { KeyFolder } from ${JSON.stringify(module)};
		const folder = new KeyFolder(${JSON.stringify(place)});
		console.log(${expression});`;
	const { stdout, stderr } = Bun.spawnSync([process.execPath, "-e", script], { timeout: 8000 });
	expect(stderr.toString()).toBe("");
	return stdout.toString().trimEnd();
}
