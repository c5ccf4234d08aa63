import { describe, expect, test } from "bun:test";
import { chownSync, existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import {
	folder,
	inProcess,
	isRoot,
	modeOf,
	OTHER,
	place,
	put,
	useKeyFolder,
} from "./key-folder-setup.ts";

useKeyFolder();

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

	/** Puts something that is not a claim at a path. */
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
		// The number is in use again: the writer of these died, perhaps while writing.
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

	// Opening a FIFO would hang this process; another test starts a server with one there.
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
