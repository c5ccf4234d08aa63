import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BanList } from "../../../../lib/server/accounts/ban-list.ts";

// A file of bans that the server and a person change in turn.

let folder: string;
let file: string;
let warnings: string[];
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "fernet-chat-ban-list-"));
	file = join(folder, "banned");
	warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (...lines: string[]): void => writeFileSync(file, `${lines.join("\n")}\n`);
const lines = (): string[] => readFileSync(file, "utf8").trimEnd().split("\n");
const open = (): BanList => new BanList(folder, (sentence) => warnings.push(sentence));
const [ann, kim, eve] = ["ann@gmail.com", "kim@gmail.com", "eve@gmail.com"];

describe.each(["<kim@gmail.com>", "kim@gmail,com", "kim", "kim@gmail.com bob@gmail.com"])(
	"while there is a line %j",
	(unreadable) => {
		test("an account unbanned and then banned by hand is banned, and stays in the file", () => {
			write(ann, unreadable);
			const bans = open();
			bans.delete(ann);
			expect([bans.has(ann), lines()]).toEqual([false, [unreadable]]);
			write(kim, "ann@gmail.com # again");
			expect(bans.has(ann)).toBe(true);
			bans.add(eve);
			expect(lines()).toEqual([kim, "ann@gmail.com # again", eve]);
			expect([...bans]).toEqual([kim, ann, eve]);
		});

		test("everyone banned before stays banned until they are unbanned or the line is corrected", () => {
			write(ann, eve, kim);
			const bans = open();
			write(unreadable);
			expect([...bans]).toEqual([ann, eve, kim]);
			write(unreadable, "# seen");
			bans.delete(eve);
			expect([bans.has(ann), bans.has(eve), bans.has(kim)]).toEqual([true, false, true]);
			write("# seen", unreadable);
			expect([...bans]).toEqual([ann, kim]);
			write(kim);
			expect([...bans]).toEqual([kim]);
			expect(lines()).toEqual([kim]);
		});

		test("a server that starts then says that anyone it was to ban can join", () => {
			write(unreadable);
			const bans = open();
			expect(bans.has(kim)).toBe(false);
			expect(warnings).toHaveLength(1);
			expect(warnings[0]).toEndWith("Until this is corrected, anyone it was to ban can join.");
			write(ann, unreadable);
			expect(bans.has(ann)).toBe(true);
			expect(warnings).toHaveLength(2);
			expect(warnings[1]).toContain("everyone banned before stays banned, and anyone else");
		});
	},
);

test("an account that stays banned for such a line is unbanned even while nothing can be saved", () => {
	write(ann, eve);
	const bans = open();
	write("?");
	expect([...bans]).toEqual([ann, eve]);
	rmSync(file);
	mkdirSync(file);
	expect(() => bans.delete(ann)).toThrow("Cannot read the ban list");
	expect([bans.has(ann), bans.has(eve)]).toEqual([false, true]);
	rmSync(file, { recursive: true });
	write("?");
	expect([bans.has(ann), bans.has(eve)]).toEqual([false, true]);
	write(ann, "?");
	expect(bans.has(ann)).toBe(true);
});
