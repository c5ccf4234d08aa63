import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAccount, parseAllowEntry } from "../../../../lib/server/accounts/account.ts";
import { AllowFile } from "../../../../lib/server/accounts/allow-file.ts";
import { AllowList, describeGuests } from "../../../../lib/server/accounts/allow-list.ts";
import { LOGIN_METHODS } from "../../../../lib/wire/messages/login-methods.ts";

/** Whether a list with one entry lets an address join. */
const lets = (entry: string, email: string): boolean =>
	new AllowList([parseAllowEntry(entry) ?? ""]).has(parseAccount(email) ?? "");

test.each([
	["ann.lee@gmail.com", "annlee@gmail.com"],
	["annlee@gmail.com", "A.n.n.L.e.e+chat@GoogleMail.com"],
	["Ann.Lee+x@googlemail.com", "annlee@gmail.com"],
	["@gmail.com", "ann@googlemail.com"],
	["@googlemail.com", "ann@gmail.com"],
	["@School.EDU", "ann.lee+x@school.edu"],
	["ann.lee@school.edu", "Ann.Lee@School.edu"],
])("%s lets %s in", (entry, email) => {
	expect(lets(entry, email)).toBe(true);
});

test.each([
	["ann@gmail.com", "bob@gmail.com"],
	["ann@gmail.com", "ann@school.edu"],
	["ann.lee@school.edu", "annlee@school.edu"],
	["ann.lee@school.edu", "ann.lee+chat@school.edu"],
	["ann+chat@school.edu", "ann@school.edu"],
	["@school.edu", "ann@cs.school.edu"],
	["@school.edu", "ann@school.edu.example"],
	["@school.edu", "ann@myschool.edu"],
	["@gmail.com", "ann@gmail.com.example"],
])("%s does not let %s in", (entry, email) => {
	expect(lets(entry, email)).toBe(false);
});

test.each(["", "ann", "@", "@gmail", "ann@", "a b@gmail.com", "gmail.com", "*@gmail.com@x.y"])(
	"%p is no entry",
	(text) => expect(parseAllowEntry(text)).toBeNull(),
);

test.each([
	"+@gmail.com",
	"+chat@gmail.com",
	"...@gmail.com",
	".+x@googlemail.com",
	"a_b@gmail.com",
])("%p, which Gmail cannot have, is no entry", (text) => expect(parseAllowEntry(text)).toBeNull());

test("a sentence says who can join", () => {
	const gmail = {
		smtp: { host: "smtp.gmail.com", port: 465, secure: true },
		methods: LOGIN_METHODS,
	};
	const school = { ...gmail, smtp: { ...gmail.smtp, host: "mail.school.edu" } };
	expect(describeGuests(null, gmail)).toBe("Anyone with a Gmail account can join.");
	expect(describeGuests(null, school)).toBe("Anyone with an account at mail.school.edu can join.");
	expect(describeGuests(null, { ...school, methods: ["code"] })).toBe(describeGuests(null, gmail));
	expect(describeGuests(new AllowList(["ann@gmail.com"]), gmail)).toBe(
		"1 address or domain is on the guest list.",
	);
	// Two spellings of one account count as one entry.
	const entries = ["a.b@gmail.com", "ab@gmail.com", "@school.edu"].map(
		(text) => parseAllowEntry(text) ?? "",
	);
	expect(describeGuests(new AllowList(entries), gmail)).toBe(
		"2 addresses and domains are on the guest list.",
	);
	expect(describeGuests(new AllowList([]), gmail)).toBe(
		"0 addresses and domains are on the guest list.",
	);
});

describe("a file", () => {
	let folder = "";
	let path = "";
	let warnings: string[] = [];
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "fernet-chat-allow-"));
		path = join(folder, "allow");
		warnings = [];
	});
	afterEach(() => rmSync(folder, { recursive: true }));

	const open = (): AllowFile => new AllowFile(path, (sentence) => warnings.push(sentence));
	const entriesOf = (text: string | Uint8Array): string[] => {
		writeFileSync(path, text);
		return [...open().entries];
	};

	test("has one a line, comments and blank lines", () => {
		const text = "# who\n\nann@gmail.com # our Ann\r\n  @school.edu  \n\t# a#b@x.yz\na#b@x.yz";
		expect(entriesOf(text)).toEqual(["ann@gmail.com", "@school.edu", "a#b@x.yz"]);
		expect(entriesOf("")).toEqual([]);
	});

	test("goes together with what is listed beside it", () => {
		writeFileSync(path, "@school.edu\n");
		const list = new AllowList(["ann@gmail.com"], open());
		expect([list.has("ann@gmail.com"), list.has("x@school.edu"), list.size]).toEqual([
			true,
			true,
			2,
		]);
	});

	test("is read again when it has changed, however it was changed", () => {
		writeFileSync(path, "ann@gmail.com\n");
		const file = open();
		writeFileSync(path, "bob@gmail.com\n@school.edu\n");
		expect([...file.entries]).toEqual(["bob@gmail.com", "@school.edu"]);
		// An editor saves this way: the size and name stay, but the file is a new one.
		writeFileSync(`${path}.new`, "eve@gmail.com\n@school.edu\n");
		renameSync(`${path}.new`, path);
		expect([...file.entries]).toEqual(["eve@gmail.com", "@school.edu"]);
		expect(warnings).toEqual([]);
	});

	const spoilt: [how: string, spoil: () => void, sentence: RegExp][] = [
		["gone", () => rmSync(path), /ENOENT/],
		["too large", () => writeFileSync(path, "#".repeat(2 ** 20 + 1)), /1048576 bytes/],
		["no text", () => writeFileSync(path, new Uint8Array([0xff, 0, 1])), /line 1/],
		[
			"a folder",
			() => {
				rmSync(path);
				symlinkSync(folder, path);
			},
			/not a regular file/,
		],
		[
			"a pipe",
			() => {
				rmSync(path);
				Bun.spawnSync(["mkfifo", path]);
			},
			/not a regular file/,
		],
	];
	test.each(spoilt)(
		"that is %s leaves the list as it was, and the owner is told once",
		(_, spoil, sentence) => {
			writeFileSync(path, "ann@gmail.com\n");
			const file = open();
			spoil();
			for (let i = 0; i < 3; i++) expect([...file.entries]).toEqual(["ann@gmail.com"]);
			expect(warnings).toEqual([expect.stringMatching(sentence)]);
			expect(warnings[0]).toContain(path);
			rmSync(path, { recursive: true, force: true });
			writeFileSync(path, "mended@gmail.com");
			expect([...file.entries]).toEqual(["mended@gmail.com"]);
			expect(warnings).toHaveLength(1);
		},
	);

	test.each(spoilt)("that is %s from the start is an error", (_, spoil, sentence) => {
		writeFileSync(path, "");
		spoil();
		expect(open).toThrow(sentence);
	});
});
