import { expect, test } from "bun:test";
import { smtpPassword } from "../../../../lib/server/mail/smtp-password.ts";
import { parseSmtpUrl } from "../../../../lib/server/mail/smtp-server.ts";
import { appPasswordIn } from "../../../../lib/wire/messages/app-password.ts";

const spelled: [how: string, typed: string][] = [
	["without blanks", "abcdefghijklmnop"],
	["as Google shows it", "abcd efgh ijkl mnop"],
	["with a blank behind it", "abcd efgh ijkl mnop "],
	["with blanks around it", "  abcdefghijklmnop\t"],
	["with the end of its line", "abcdefghijklmnop\r\n"],
	["as a browser copies it", "abcd\u00a0efgh\u00a0ijkl\u00a0mnop"],
	["with narrow no-break spaces", "abcd\u202fefgh\u202fijkl\u202fmnop\u202f"],
	["in other groups", "ab cdefgh ijklm nop"],
	["with dashes", "abcd-efgh-ijkl-mnop"],
	["with the dashes of a word processor", "abcd\u2011efgh–ijkl—mnop\u2212"],
	["with soft hyphens", "abcd\u00adefgh\u00adijkl\u00admnop"],
	["with a byte order mark", "\ufeffabcdefghijklmnop"],
	["with zero-width characters", "\u200babcd\u200defghijkl\u2060mnop\u200c"],
	["with marks of direction", "\u202aabcdefghijklmnop\u202c\u200e"],
	["in quotes", "“abcd efgh ijkl mnop”"],
	["in straight quotes", "'abcd efgh ijkl mnop'"],
	["in brackets", "(abcd efgh ijkl mnop)"],
	["in backticks", "`abcd efgh ijkl mnop`"],
	["at the end of a sentence", "abcd efgh ijkl mnop."],
	["in a list", "• abcd efgh ijkl mnop"],
	["with middle dots", "abcd·efgh·ijkl·mnop"],
	["with full stops", "abcd.efgh.ijkl.mnop"],
	["with bars", "abcd|efgh|ijkl|mnop"],
	["with blank Braille patterns", "abcd\u2800efgh\u2800ijkl\u2800mnop"],
	["in letters of full width", "ａｂｃｄ　ｅｆｇｈ　ｉｊｋｌ　ｍｎｏｐ"],
];
test.each(spelled)("an app password %s", (_, typed) => {
	expect(appPasswordIn(typed)).toBe("abcdefghijklmnop");
});

test("in capitals it stays in capitals", () => {
	expect(appPasswordIn("ABCD EFGH IJKL MNOP")).toBe("ABCDEFGHIJKLMNOP");
});

const none = [
	...["", " ", "hunter2", "abcdefghijklmno", "abcdefghijklmnopq", "abcd efgh ijkl mno1"],
	...[
		"“abcd efgh ijkl mnop” 1",
		"abcd efgh ijkl mnop (q)",
		"x\u0302bcdefghijklmnop",
		"５bcdefghijklmnop",
	],
	...["ábcdefghijklmnop", "abcdefghijklmno\u0131", "correct horse battery"],
];
test.each(none)("%j cannot be one", (typed) => expect(appPasswordIn(typed)).toBeNull());

test("Gmail is shown the letters, and any other mail server what was typed", () => {
	const password = (url: string, typed: string): string => {
		const server = parseSmtpUrl(url);
		if (!server) throw new Error(url);
		return smtpPassword(server, typed);
	};
	for (const typed of [...spelled.map(([, each]) => each), ...none]) {
		expect(password("smtps://localhost", typed)).toBe(typed);
		expect(password("smtps://mail.gmail.com", typed)).toBe(typed);
		for (const url of ["smtps://smtp.gmail.com", "smtps://SMTP.GMAIL.COM:465"]) {
			expect(password(url, typed)).toBe(none.includes(typed) ? typed : "abcdefghijklmnop");
		}
	}
});
