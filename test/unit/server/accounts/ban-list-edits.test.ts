import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BanList } from "../../../../lib/server/accounts/ban-list.ts";

// What the room is told of a file of bans that a person changes, too.

let folder: string;
let file: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "fernet-chat-ban-list-"));
	file = join(folder, "banned");
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (...lines: string[]): void => writeFileSync(file, `${lines.join("\n")}\n`);
const open = (): BanList => new BanList(folder, () => {});
const [ann, kim, eve] = ["ann@gmail.com", "kim@gmail.com", "eve@gmail.com"];

/** What the room is told; it then knows the same bans. */
function follow(bans: BanList, known: Set<string>): unknown {
	const edits = bans.editsOf(known);
	for (const account of edits?.added ?? []) known.add(account);
	for (const account of edits?.removed ?? []) known.delete(account);
	return edits;
}

test("the edits are at first all in which the file differs from what the room knows", () => {
	write(ann, kim);
	expect(open().editsOf(new Set())).toEqual({ added: [ann, kim], removed: [] });
	expect(open().editsOf(new Set([eve, ann]))).toEqual({ added: [kim], removed: [eve] });
	expect(open().editsOf(new Set([kim, ann]))).toBeNull();
	rmSync(file);
	expect(open().editsOf(new Set())).toBeNull();
	expect(open().editsOf(new Set([ann]))).toEqual({ added: [], removed: [ann] });
});

test("the edits are what a person changes by hand, each once", () => {
	const bans = open();
	const known = new Set<string>();
	expect(follow(bans, known)).toBeNull();
	write("K.i.m@gmail.com # a name in capitals", ann);
	expect(follow(bans, known)).toEqual({ added: [kim, ann], removed: [] });
	expect(follow(bans, known)).toBeNull();
	write(ann, eve);
	expect(follow(bans, known)).toEqual({ added: [eve], removed: [kim] });
	write("# the same accounts", eve, ann);
	expect(follow(bans, known)).toBeNull();
	rmSync(file);
	expect(follow(bans, known)).toEqual({ added: [], removed: [ann, eve] });
});

test("the edits are no changes of our own, but what a person makes of them", () => {
	const bans = open();
	const known = new Set<string>();
	known.add(ann);
	bans.add(ann);
	expect(follow(bans, known)).toBeNull();
	known.add(kim);
	bans.add(kim);
	known.delete(ann);
	bans.delete(ann);
	expect(follow(bans, known)).toBeNull();
	write(ann);
	expect(follow(bans, known)).toEqual({ added: [ann], removed: [kim] });
	// One by hand is found beside one of our own.
	write(ann, eve);
	known.add(kim);
	bans.add(kim);
	expect(follow(bans, known)).toEqual({ added: [eve], removed: [] });
});

test("the edits do not undo a change that could not be saved", () => {
	write(ann);
	const bans = open();
	const known = new Set([ann]);
	expect(follow(bans, known)).toBeNull();
	rmSync(file);
	mkdirSync(file);
	known.add(kim).delete(ann);
	expect(() => bans.add(kim)).toThrow("Cannot read the ban list");
	expect(() => bans.delete(ann)).toThrow("Cannot read the ban list");
	expect(follow(bans, known)).toBeNull();
	rmSync(file, { recursive: true });
	write(ann, eve);
	expect(follow(bans, known)).toEqual({ added: [eve], removed: [] });
	expect([...bans].toSorted()).toEqual([...known].toSorted());
});

test("the edits lift no ban while a line cannot be read, and lift them once it is corrected", () => {
	write(ann, eve);
	const bans = open();
	const known = new Set([ann, eve]);
	write("?", kim);
	expect(follow(bans, known)).toEqual({ added: [kim], removed: [] });
	known.delete(eve);
	bans.delete(eve);
	expect(follow(bans, known)).toBeNull();
	write(kim);
	expect(follow(bans, known)).toEqual({ added: [], removed: [ann] });
	expect([...known]).toEqual([...bans]);
});
