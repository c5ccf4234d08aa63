import { describe, expect, test } from "bun:test";
import {
	chownSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	utimesSync,
} from "node:fs";
import { join } from "node:path";
import { isRandomId, randomId } from "../../../../lib/util/random-id.ts";
import { generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { KeyFolder } from "../../../../lib/wire/keys/key-folder.ts";
import {
	folder,
	id,
	inProcess,
	isRoot,
	modeOf,
	OTHER,
	place,
	put,
	refusal,
	useKeyFolder,
} from "./key-folder-setup.ts";

useKeyFolder();

const fileOf = (session: string): string => join(place, `${session}.key`);

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
	const INCOMPLETE = "is incomplete: a key has 44 bytes";
	const holds = (content: string) => () => put(`${id}.key`, { content });
	const linksTo = (target: string) => () => {
		put("good");
		symlinkSync(target, fileOf(id));
	};
	test.each<[string, () => void, string]>([
		["a link to a good one", linksTo("good"), "is a link"],
		["a link to nothing", linksTo("nothing"), "is a link"],
		["a directory", () => mkdirSync(fileOf(id)), "is not a regular file"],
		["empty", holds(""), INCOMPLETE],
		["a byte too few", holds(generateKey().slice(1)), INCOMPLETE],
		["44 zeros", holds("\0".repeat(44)), INCOMPLETE],
		["half a key, and zeros", holds(generateKey().slice(22).padEnd(44, "\0")), INCOMPLETE],
		["a newline too many", holds(`${generateKey()}\n`), "is not 44 bytes long"],
		["far too long", holds("secret".repeat(1000)), "is not 44 bytes long"],
		["not base64url", holds("secret*".repeat(7).slice(0, 44)), "does not contain a Fernet key"],
		[
			"33 bytes in base64url",
			holds(generateKey().replace("=", "A")),
			"does not contain a Fernet key",
		],
		["not ASCII", holds("\xe9".repeat(22)), "does not contain a Fernet key"],
	])("%s", (_, make, says) => {
		make();
		const error = refusal(() => folder.read(id));
		expect(error).toMatchObject({ code: "bad_key_file", message: `The key file ${says}.` });
		expect(Bun.inspect(error)).not.toContain("secret");
	});

	test.each(["640", "620", "610", "604", "602", "601", "644", "666"])("mode %s", (mode) => {
		put(`${id}.key`, { mode: Number.parseInt(mode, 8) });
		const error = refusal(() => folder.read(id));
		expect(error.message).toBe("The key file can be read by other users; run chmod 600 on it.");
	});

	test("a FIFO, without waiting for its writer", () => {
		expect(Bun.spawnSync(["mkfifo", "-m", "600", fileOf(id)]).exitCode).toBe(0);
		const read = `(() => {
			try { return folder.read("${id}"); } catch (error) { return error.code + " " + error.message; }
		})()`;
		expect(inProcess(read)).toBe("bad_key_file The key file is not a regular file.");
	});

	test("another user's", () => {
		put(`${id}.key`);
		const give = () => chownSync(fileOf(id), OTHER, OTHER);
		if (!isRoot) return expect(give).toThrow("EPERM");
		give();
		expect(refusal(() => folder.read(id)).message).toBe("The key file belongs to another user.");
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
		folder.claim();
		rmSync(place, { recursive: true });
		expect(folder.read(id)).toBeNull();
		folder.remove(id);
		folder.release();
		expect(refusal(() => folder.save(id, generateKey())).code).toBe("keys_unusable");
		folder.sweep(() => true);
		expect(existsSync(place)).toBe(false);
	});
});

describe("sweep", () => {
	const isOld = (_: string, writtenAt: number): boolean => writtenAt < Date.now() - 60_000;
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
		const kept = folder.sweep(isOld);
		expect(readdirSync(place).sort()).toEqual([...foreign, young].sort());
		expect([...kept]).toEqual([id]);
	});

	test("leaves links that are named like keys, and what they lead to", () => {
		put("target", old);
		symlinkSync("target", fileOf(id));
		symlinkSync("nothing", fileOf(randomId()));
		const before = readdirSync(place);
		folder.sweep(isOld);
		expect(readdirSync(place).sort()).toEqual(before.sort());
	});

	test("is not stopped by a directory that is named like a key", () => {
		mkdirSync(fileOf(id));
		utimesSync(fileOf(id), 1, 1);
		for (let keys = 0; keys < 10; keys++) put(`${randomId()}.key`, old);
		folder.sweep(isOld);
		expect(readdirSync(place)).toEqual([`${id}.key`]);
	});
});
