import { describe, expect, test } from "bun:test";
import {
	chownSync,
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	rmSync,
	symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { KeyFolder } from "../../../../lib/wire/keys/key-folder.ts";
import { eventually } from "../../../support/eventually.ts";
import { WITHOUT_LOCKS } from "../../../support/no-locks.ts";
import { ROOT } from "../../../support/root.ts";
import {
	folder,
	inProcess,
	isRoot,
	modeOf,
	OTHER,
	place,
	put,
	refusal,
	useKeyFolder,
} from "./key-folder-setup.ts";

// Each keys folder has one server, whatever processes and containers share it.

useKeyFolder();

const LOCK = "server.lock";

/** What another process gets that claims the folder. */
const claimElsewhere = (within: readonly string[] = []): string =>
	inProcess(
		`(() => {
			try { folder.claim(); return "claimed"; } catch (error) { return error.code + " " + error.message; }
		})()`,
		within,
	);

test("a folder has one server at a time, in this process or another", () => {
	folder.claim();
	// A lock that nothing holds on to would go now.
	Bun.gc(true);
	const message = `Another server is using the keys folder ${place}. Choose another folder with --keys.`;
	expect(refusal(() => new KeyFolder(place).claim())).toMatchObject({
		code: "keys_in_use",
		message,
	});
	expect(claimElsewhere()).toBe(`keys_in_use ${message}`);
	folder.release();
	folder.release();
	expect(claimElsewhere()).toBe("claimed");
	folder.claim();
	folder.release();
	expect(readdirSync(place)).toEqual([LOCK]);
	expect(modeOf(join(place, LOCK))).toBe(0o600);
});

test("a sweep, a second folder that is refused and keys that come and go leave the lock", () => {
	folder.claim();
	for (const _ of [1, 2]) refusal(() => new KeyFolder(place).claim());
	folder.sweep(() => true);
	expect(claimElsewhere()).toStartWith("keys_in_use ");
	folder.release();
});

test("a server that was killed holds nothing", async () => {
	const module = join(ROOT, "lib/wire/keys/key-folder.ts");
	const script = `import { KeyFolder } from ${JSON.stringify(module)};
		const folder = new KeyFolder(${JSON.stringify(place)});
		folder.claim();
		setInterval(() => folder.path, 1000);`;
	const other = Bun.spawn([process.execPath, "-e", script]);
	const isTaken = () => {
		try {
			folder.claim();
		} catch {
			return true;
		}
		folder.release();
		return false;
	};
	await eventually("the other's claim", isTaken);
	other.kill("SIGKILL");
	await other.exited;
	folder.claim();
	folder.release();
});

test.each([
	["ENOLCK", "its filesystem has no file locks"],
	["ETIMEDOUT", "its filesystem has no file locks"],
	["EOPNOTSUPP", "server.lock cannot be locked (disk I/O error)"],
	["EPERM", "server.lock cannot be locked (access permission denied)"],
])(
	"where the system answers a lock with %s, the folder is to blame and no server",
	(code, fault) => {
		expect(claimElsewhere([...WITHOUT_LOCKS, code])).toBe(
			`keys_unusable Cannot use the keys folder ${place}: ${fault}. Choose a folder elsewhere with --keys.`,
		);
		expect(readdirSync(place)).toEqual([LOCK]);
		expect(claimElsewhere()).toBe("claimed");
	},
);

describe("in the place of the lock", () => {
	const content = "somebody's";
	const inTheWay: [what: string, make: (path: string) => void, fault: string][] = [
		["a link to a file", (path) => symlinkSync("target", path), "is not a regular file"],
		["a link to nothing", (path) => symlinkSync("nothing", path), "is not a regular file"],
		["a link to itself", (path) => symlinkSync(LOCK, path), "is not a regular file"],
		["a FIFO", (path) => Bun.spawnSync(["mkfifo", "-m", "600", path]), "is not a regular file"],
		["a folder", (path) => mkdirSync(path), "is not a regular file"],
		["a text", () => put(LOCK, { content }), "is not empty; remove it"],
		[
			"a file that others can read",
			() => put(LOCK, { content: "", mode: 0o640 }),
			"can be read by other users; run chmod 600 on it",
		],
	];

	test.each(inTheWay)("%s is named, and neither hangs the start nor changes", (_, make, fault) => {
		const path = join(place, LOCK);
		put("target", { content });
		make(path);
		const { ino, size, mode } = lstatSync(path);
		const said = claimElsewhere();
		expect(said).toStartWith(`keys_unusable Cannot use the keys folder ${place}: `);
		expect(said).toContain(LOCK);
		expect(said).toContain(fault);
		expect(lstatSync(path)).toMatchObject({ ino, size, mode });
		expect(existsSync(join(place, "nothing"))).toBe(false);
		rmSync(path, { recursive: true });
		expect(claimElsewhere()).toBe("claimed");
	});

	test("another user's file is refused", () => {
		put(LOCK, { content: "" });
		const give = () => chownSync(join(place, LOCK), OTHER, OTHER);
		if (!isRoot) return expect(give).toThrow("EPERM");
		give();
		expect(refusal(() => folder.claim()).message).toContain(`${LOCK} belongs to another user`);
	});
});
