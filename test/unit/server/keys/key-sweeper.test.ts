import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KeySweeper } from "../../../../lib/server/keys/key-sweeper.ts";
import { randomId } from "../../../../lib/util/random-id.ts";
import { generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { KeyFolder } from "../../../../lib/wire/keys/key-folder.ts";
import { eventually } from "../../../support/eventually.ts";

let path: string;
let keys: KeyFolder;
beforeEach(() => {
	path = join(mkdtempSync(join(tmpdir(), "fernet-chat-sweeper-")), "keys");
	keys = new KeyFolder(path);
	keys.claim();
});
afterEach(() => rmSync(join(path, ".."), { recursive: true }));

/** Saves a key written so many milliseconds ago, and returns its id. */
function save(age = 0): string {
	const id = randomId();
	keys.save(id, generateKey());
	const writtenAt = new Date(Date.now() - age);
	utimesSync(join(path, `${id}.key`), writtenAt, writtenAt);
	return id;
}

const left = (): string[] =>
	readdirSync(path).flatMap((name) => (name.endsWith(".key") ? name.slice(0, -4) : []));

const warn = (sentence: string): void => {
	throw new Error(sentence);
};

test("what a killed server leaves goes, but no key that somebody uses or is about to use", async () => {
	const sessionIds = new Set<string>();
	save(60_000);
	const stale = [save(0), save(1500), save(-3_600_000)];
	const waiting = [save(0), save(1500)];
	const sweeper = new KeySweeper(keys, sessionIds, warn);
	expect(left().toSorted()).toEqual([...stale, ...waiting].toSorted());
	// Two clients that saved their keys before the server was there connect, and others come.
	for (const id of waiting) sessionIds.add(id);
	const late = [save(0), save(60_000), save(-3_600_000)];
	await eventually("the second sweep", () => stale.every((id) => !left().includes(id)));
	expect(left().toSorted()).toEqual([...waiting, ...late].toSorted());
	sweeper.finish();
	expect(left()).toEqual([]);
});

test("a server that ends before its second sweep takes all keys with it", () => {
	const ids = [save(0), save(1500)];
	const sweeper = new KeySweeper(keys, new Set(ids), warn);
	expect(left()).toHaveLength(2);
	sweeper.finish();
	expect(left()).toEqual([]);
});
