import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AllowFile } from "../../../../lib/server/accounts/allow-file.ts";
import { BanList } from "../../../../lib/server/accounts/ban-list.ts";
import { readMotd } from "../../../../lib/server/storage/motd.ts";
import { Certificate } from "../../../../lib/server/tls/certificate.ts";
import { selfSigned } from "../../../support/certificates.ts";
import { ROOT } from "../../../support/root.ts";

// What an operator's editor does to files that the server reads: line ends, BOMs, comments.

const identity = await selfSigned("chat.test");

let folder = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "fernet-chat-owner-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const BOM = "\uFEFF";
type Content = string | Uint8Array;
const put = (name: string, content: Content): string => {
	const path = join(folder, name);
	writeFileSync(path, content, { mode: 0o600 });
	return path;
};
const fail = (sentence: string): never => {
	throw new Error(sentence);
};

type Warn = (sentence: string) => void;
const allowed = (content: Content, warn: Warn = fail): string[] => [
	...new AllowFile(put("list", content), warn).entries,
];
const banned = (content: Content, warn: Warn = fail): string[] => {
	put("banned", content);
	return [...new BanList(folder, warn)];
};
const motd = (content: Content) => readMotd(put("list", content));
/** The certificate from a file that holds the key as well. */
const certified = (content: Content): string => {
	const path = put("list", content);
	return new Certificate({ cert: path, key: path }, () => {}).pair.cert;
};

const lists: [name: string, read: (content: Content, warn?: Warn) => string[]][] = [
	["a guest list", allowed],
	["a list of who is banned", banned],
];

describe.each(lists)("%s", (_, read) => {
	const right: [what: string, content: Content, entries: string[]][] = [
		["nothing", "", []],
		["an empty line", "\n", []],
		["blank lines", " \n\t\r\n\n", []],
		["one entry", "ann@a.bc\n", ["ann@a.bc"]],
		["no newline at the end", "ann@a.bc\nbob@a.bc", ["ann@a.bc", "bob@a.bc"]],
		["CRLF", "ann@a.bc\r\nbob@a.bc\r\n", ["ann@a.bc", "bob@a.bc"]],
		["CRLF and LF", "ann@a.bc\r\n\r\nbob@a.bc\n", ["ann@a.bc", "bob@a.bc"]],
		["a byte order mark", `${BOM}ann@a.bc\n`, ["ann@a.bc"]],
		["a byte order mark and CRLF", `${BOM}ann@a.bc\r\nbob@a.bc`, ["ann@a.bc", "bob@a.bc"]],
		["a byte order mark alone", BOM, []],
		["a byte order mark before a comment", `${BOM}# us\nann@a.bc`, ["ann@a.bc"]],
		["comments alone", "# us\n#\n  # them", []],
		["a comment after an entry", "ann@a.bc # Ann\nbob@a.bc\t#Bob\r\n", ["ann@a.bc", "bob@a.bc"]],
		["a comment in a comment", "ann@a.bc # Ann # Lee", ["ann@a.bc"]],
		["a comment that is not ASCII", "# J\u00fcrgen\u2028ever\nann@a.bc # \u{1f600}", ["ann@a.bc"]],
		["an address with #", "a#b@a.bc # she\n#c@a.bc", ["a#b@a.bc"]],
		["blanks around", " ann@a.bc \n\tbob@a.bc\t\r\n", ["ann@a.bc", "bob@a.bc"]],
		["CR", "ann@a.bc\r\rbob@a.bc\r", ["ann@a.bc", "bob@a.bc"]],
		[
			"all three line ends",
			"ann@a.bc\rbob@a.bc\r\nc@a.bc\nd@a.bc",
			["ann@a.bc", "bob@a.bc", "c@a.bc", "d@a.bc"],
		],
		["CR after a comment", `${BOM}# us\r# them\rann@a.bc`, ["ann@a.bc"]],
		["CR and CRLF", "ann@a.bc\r\r\nbob@a.bc\r\r\n", ["ann@a.bc", "bob@a.bc"]],
		["a comment in Latin-1", Buffer.from("ann@a.bc # J\xfcrgen\n", "latin1"), ["ann@a.bc"]],
		["half a character in a comment", Buffer.from([0x23, 0x0a, 0x23, 0xe2, 0x82]), []],
		["an entry twice", "ann@a.bc\nANN@A.bc\n", ["ann@a.bc"]],
	];
	test.each(right)("may hold %s", (_, content, entries) => {
		expect(read(content)).toEqual(entries);
	});

	const unreadable: [what: string, content: Content, lines: string][] = [
		["no address", "ann@a.bc\n\nbob\nc@a.bc", "line 3"],
		["two on a line", "ann@a.bc x@a.bc\nann@a.bc\nc@a.bc", "line 1"],
		["a # that begins no comment", "ann@a.bc\r\nx@a.bc# X\r\nc@a.bc", "line 2"],
		["CR, and no address", "ann@a.bc\rbob\rc@a.bc\r@\r", "lines 2 and 4"],
		["a letter of Latin-1", Buffer.from("ann@a.bc\n\xfc@a.bc\nc@a.bc", "latin1"), "line 2"],
		["a letter that nobody sees", "ann@a.bc\n\u200bx@a.bc\nc@a.bc", "line 2"],
		["what steers a terminal", "\u001b[31m@\nann@a.bc\nc@a.bc", "line 1"],
		["many such", `${"x\n".repeat(9)}ann@a.bc\nc@a.bc`, "lines 1, 2, 3, 4, 5 and 4 others"],
	];
	test.each(unreadable)("with %s: the line is named, and all others count", (_, content, lines) => {
		const warnings: string[] = [];
		expect(read(content, (sentence) => warnings.push(sentence))).toEqual(["ann@a.bc", "c@a.bc"]);
		const named = new RegExp(`^Cannot read ${lines} of the .* list ${folder}/(list|banned)\\. An`);
		expect(warnings).toEqual([expect.stringMatching(named)]);
		expect(warnings[0]).not.toMatch(/\p{C}/u);
	});

	const wrong: [what: string, content: Content, line: number][] = [
		["a NUL", "ann@a.bc\n# \0\n", 2],
		["a NUL after a CR", "ann@a.bc\r\r# \0\n", 3],
		["UTF-16", Buffer.from(`${BOM}ann@a.bc\n`, "utf16le"), 1],
		["UTF-16 without a mark", Buffer.from("ann@a.bc\n", "utf16le"), 1],
	];
	test.each(wrong)("may not hold %s: the file and line are named", (_, content, line) => {
		const named = new RegExp(`${folder}/(list|banned): line ${line} [^\\r\\n\\0]*$`);
		expect(() => read(content)).toThrow(named);
	});
});

describe("while a ban list has a line that cannot be read", () => {
	const open = (content: Content) => {
		const path = put("banned", content);
		const warnings: string[] = [];
		const list = new BanList(folder, (sentence) => warnings.push(sentence));
		return { path, list, warnings };
	};

	test("it lifts no ban: those of the version before hold until it is corrected", () => {
		const { path, list, warnings } = open("ann@a.bc\nbob@a.bc\n");
		writeFileSync(path, "ann@a,bc\r\neve@a.bc\r\n");
		expect(["ann@a.bc", "bob@a.bc", "eve@a.bc"].map((it) => list.has(it))).toEqual([
			true,
			true,
			true,
		]);
		expect(warnings).toEqual([
			expect.stringContaining("everyone banned before stays banned, and anyone else"),
		]);
		writeFileSync(path, "eve@a.bc\n");
		expect([...list]).toEqual(["eve@a.bc"]);
		expect(warnings).toHaveLength(1);
	});

	test("commands ban and unban all the same, and what a person wrote stays as it was", () => {
		const before = Buffer.from(`${BOM}# J\xfcrgen\rbob@a.bc\rann@\r`, "latin1");
		const { path, list } = open(before);
		list.add("eve@a.bc");
		const after = Buffer.concat([before, Buffer.from("\neve@a.bc\n")]);
		expect(readFileSync(path)).toEqual(after);
		list.delete("bob@a.bc");
		expect([list.has("bob@a.bc"), list.has("eve@a.bc")]).toEqual([false, true]);
		expect(readFileSync(path, "latin1")).toBe(after.toString("latin1").replace("bob@a.bc\r", ""));
	});

	test("a guest list lets in those on the other lines only", () => {
		const path = put("list", "ann@a.bc\nbob@a.bc\n");
		const warnings: string[] = [];
		const list = new AllowFile(path, (sentence) => warnings.push(sentence));
		writeFileSync(path, "ann@a,bc\nbob@a.bc\n");
		expect([...list.entries]).toEqual(["bob@a.bc"]);
		expect(warnings).toEqual([expect.stringContaining("What cannot be read lets nobody in")]);
	});
});

test("a list may be as long as its limit, and no longer", () => {
	const limits: [read: (content: string) => string[], bytes: number][] = [
		[allowed, 1024 * 1024],
		[banned, 2_550_000],
	];
	for (const [read, bytes] of limits) {
		const most = `${"#".repeat(bytes - 9)}\nann@a.bc`;
		expect(read(most)).toEqual(["ann@a.bc"]);
		expect(() => read(`${most}\n`)).toThrow(`: it has more than ${bytes} bytes`);
	}
});

describe("a message of the day", () => {
	const right: [what: string, content: Content, text: string][] = [
		["CRLF", "be\r\nkind\r\n", "be\nkind"],
		["a byte order mark", `${BOM}be kind`, "be kind"],
		["a byte order mark and CRLF", `${BOM}be\r\n\r\nkind`, "be\n\nkind"],
		["a byte order mark within", `be${BOM} kind`, `be${BOM} kind`],
		["what would be a comment elsewhere", "# be kind # please\n", "# be kind # please"],
		["CR", "be\rkind\r\n\r", "be\nkind"],
		["all that fits", "\u00e9".repeat(2048), "\u00e9".repeat(2048)],
	];
	test.each(right)("may hold %s", (_, content, text) => expect(motd(content)).toBe(text));

	const wrong: [what: string, content: Content, sentence: string][] = [
		["nothing", "", "list: it must hold 1 to 4096 bytes of UTF-8."],
		["blanks", `${BOM}\r\n \n`, "list: it must hold 1 to 4096 bytes of UTF-8."],
		["a NUL", "be\nki\0nd", "list: line 2 is not UTF-8 text"],
		["Latin-1", Buffer.from("be\n\ngem\xfctlich", "latin1"), "list: line 3 is not UTF-8 text"],
		["too much", `${"\u00e9".repeat(2048)}\n`, "list: it has more than 4096 bytes"],
	];
	test.each(wrong)("may not hold %s", (_, content, sentence) => {
		expect(() => motd(content)).toThrow(sentence);
	});
});

describe("a certificate", () => {
	const pem = `${identity.key}${identity.cert}`.replaceAll("\r\n", "\n");

	test.each([
		["CRLF", pem.replaceAll("\n", "\r\n")],
		["CR", pem.replaceAll("\n", "\r")],
		["a byte order mark", `${BOM}${pem}`],
		["a byte order mark and CRLF", `${BOM}${pem.replaceAll("\n", "\r\n")}`],
		["words before and after", `# J\u00fcrgen's\n${pem}\n# the end\n`],
		["no newline at the end", pem.trimEnd()],
		["Latin-1 around it", Buffer.from(`subject=O = M\u00fcller\n${pem}`, "latin1")],
	])("may come with %s", (_, content) => {
		const cert = certified(content);
		expect(cert).not.toMatch(/[\r\uFEFF]/);
		expect(cert.trim()).toContain(identity.cert.replaceAll("\r\n", "\n").trim());
	});

	const wrong: [what: string, content: Content, sentence: RegExp][] = [
		["nothing", "", /list: it is not a PEM file/],
		["a NUL", `\n${pem}\0`, /list: it is not a PEM file/],
		["DER", Buffer.from([0x30, 0x82, 0x01, 0x0a, 0x02]), /list: it is not a PEM file/],
		["too much", `${pem}${" ".repeat(1024 * 1024)}`, /list: it has more than 1048576 bytes/],
	];
	test.each(wrong)("may not hold %s", (_, content, sentence) => {
		expect(() => certified(content)).toThrow(sentence);
	});

	test("may have any mode where files have none: all look open there", () => {
		const [cert, key] = [put("cert.pem", identity.cert), put("key.pem", identity.key)];
		for (const path of [cert, key]) chmodSync(path, 0o666);
		const module = join(ROOT, "lib/server/tls/certificate.ts");
		const script = `process.getuid = undefined;
			const { Certificate } = await import(${JSON.stringify(module)});
			new Certificate(${JSON.stringify({ cert, key })}, () => {});`;
		const { stderr } = Bun.spawnSync([process.execPath, "-e", script]);
		expect(stderr.toString()).toBe("");
	});

	test("names the file that is wrong of two", () => {
		const files = { cert: put("cert.pem", identity.cert), key: put("key.pem", "\0") };
		expect(() => new Certificate(files, () => {})).toThrow(`${files.key}: it is not a PEM file`);
		chmodSync(files.key, 0o604);
		expect(() => new Certificate(files, () => {})).toThrow(
			`${files.key}: every user can read it; run chmod 600 on it.`,
		);
	});
});

describe("a file of bans that the server writes to", () => {
	const change = (before: Content | null, act: (bans: BanList) => void): string => {
		if (before !== null) put("banned", before);
		act(new BanList(folder, fail));
		return readFileSync(join(folder, "banned"), "utf8");
	};
	const ban = (before: Content | null) => change(before, (bans) => bans.add("eve@a.bc"));
	const unban = (before: Content) => change(before, (bans) => bans.delete("eve@a.bc"));

	const banning: [what: string, before: string | null, after: string][] = [
		["no file", null, "eve@a.bc\n"],
		["an empty file", "", "eve@a.bc\n"],
		["no newline at the end", "bob@a.bc", "bob@a.bc\neve@a.bc\n"],
		["a comment at the end", "bob@a.bc\n# us", "bob@a.bc\n# us\neve@a.bc\n"],
		["spellings and blanks", "# a\n\n B.ob@A.bc # b\n", "# a\n\n B.ob@A.bc # b\neve@a.bc\n"],
		["a byte order mark and CRLF", `${BOM}# a\r\nbob@a.bc\r\n`, ""],
		["somebody banned already", "Eve@A.BC # b", "Eve@A.BC # b"],
	];
	test.each(banning)("gains a line and loses none: %s", (_, before, after) => {
		expect(ban(before)).toBe(after || `${before}eve@a.bc\n`);
	});

	const lifting: [what: string, before: string, after: string][] = [
		["alone", "eve@a.bc\n", ""],
		["without a newline", "bob@a.bc\neve@a.bc", "bob@a.bc\n"],
		["between comments", "# a\n\neve@a.bc # b\n# c\nbob@a.bc # d", "# a\n\n# c\nbob@a.bc # d"],
		["in every spelling", "eve@a.bc\nbob@a.bc\nEVE@A.bc\n", "bob@a.bc\n"],
		["with CRLF", "# a\r\neve@a.bc\r\nbob@a.bc\r\n", "# a\r\nbob@a.bc\r\n"],
		["not there", "# eve@a.bc\nbob@a.bc", "# eve@a.bc\nbob@a.bc"],
	];
	test.each(lifting)("loses the lines of a lifted ban and no others: %s", (_, before, after) => {
		expect(unban(before)).toBe(after);
	});

	test("is left as it was where a line more could not be read again", () => {
		const full = `${"#".repeat(2_550_000 - 1)}\n`;
		expect(() => ban(full)).toThrow(
			/Cannot save the ban list .*banned: it has more than 2550000 bytes/,
		);
		expect(readFileSync(join(folder, "banned"), "utf8")).toBe(full);
	});

	test("keeps what a person wrote between two bans", () => {
		const text = change("", (bans) => {
			bans.add("eve@a.bc");
			writeFileSync(join(folder, "banned"), "# by hand\r\neve@a.bc # why\r\n");
			bans.add("bob@a.bc");
			bans.delete("eve@a.bc");
		});
		expect(text).toBe("# by hand\r\nbob@a.bc\n");
	});
});

describe("a file that every user can write is refused", () => {
	const put602 = (): string => {
		const path = put("open", "ann@gmail.com\n");
		chmodSync(path, 0o602);
		return path;
	};
	const expected = /open: every user can write to it; run chmod o-w on it\.$/;

	test("a guest list, a message of the day and a certificate", () => {
		expect(() => new AllowFile(put602(), fail)).toThrow(expected);
		expect(() => readMotd(put602())).toThrow(expected);
		const key = put("key.pem", identity.key);
		expect(() => new Certificate({ cert: put602(), key }, () => {})).toThrow(expected);
	});

	test("a ban list", () => {
		put("banned", "ann@gmail.com\n");
		chmodSync(join(folder, "banned"), 0o602);
		expect(() => new BanList(folder, fail)).toThrow(/banned: every user can write to it/);
	});

	test("while the server runs: the version before it stays in force", () => {
		const path = put("list", "ann@gmail.com\n");
		const warnings: string[] = [];
		const list = new AllowFile(path, (sentence) => warnings.push(sentence));
		writeFileSync(path, "eve@gmail.com\n");
		chmodSync(path, 0o666);
		expect([...list.entries]).toEqual(["ann@gmail.com"]);
		expect(warnings).toEqual([expect.stringContaining("every user can write to it")]);
	});
});

/** An account that is not ours. Only root can give it files. */
const SOMEBODY = 65_534;
const isRoot = process.getuid?.() === 0;

describe("a file that another user owns, who can change it whatever its mode, is refused", () => {
	const give = (path: string): string => {
		chownSync(path, SOMEBODY, SOMEBODY);
		return path;
	};
	const expected = /: another user owns it and can change it; run chown 0 on it\.$/;

	test("a guest list", () => {
		const path = put("list", "ann@gmail.com\n");
		if (!isRoot) return expect(() => give(path)).toThrow("EPERM");
		give(path);
		chmodSync(path, 0o400);
		expect(() => new AllowFile(path, fail)).toThrow(expected);
	});

	test("a message of the day", () => {
		const path = put("motd", "be kind");
		if (!isRoot) return expect(() => give(path)).toThrow("EPERM");
		expect(() => readMotd(give(path))).toThrow(expected);
	});

	test("a ban list", () => {
		const path = put("banned", "ann@gmail.com\n");
		if (!isRoot) return expect(() => give(path)).toThrow("EPERM");
		give(path);
		expect(() => new BanList(folder, fail)).toThrow(expected);
	});

	test.each(["cert", "key"] as const)("a %s, whoever owns the other", (which) => {
		const files = { cert: put("cert.pem", identity.cert), key: put("key.pem", identity.key) };
		chmodSync(files.key, 0o640);
		expect(() => new Certificate(files, () => {})).not.toThrow();
		if (!isRoot) return expect(() => give(files[which])).toThrow("EPERM");
		give(files[which]);
		expect(() => new Certificate(files, () => {})).toThrow(expected);
	});

	test("while the server runs: the version before it stays in force", () => {
		const path = put("list", "ann@gmail.com\n");
		const warnings: string[] = [];
		const list = new AllowFile(path, (sentence) => warnings.push(sentence));
		writeFileSync(path, "eve@gmail.com\n");
		if (!isRoot) return expect(() => give(path)).toThrow("EPERM");
		give(path);
		expect([...list.entries]).toEqual(["ann@gmail.com"]);
		expect(warnings).toEqual([expect.stringContaining("another user owns it")]);
	});
});
