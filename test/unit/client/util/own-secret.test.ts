import { describe, expect, test } from "bun:test";
import { mayHoldAppPassword, OwnSecret } from "../../../../lib/client/util/own-secret.ts";

/** The secret of somebody who has logged in with these credentials. */
function having(credentials: object): OwnSecret {
	const secret = new OwnSecret();
	secret.learn(credentials);
	return secret;
}

describe("what a client logs in with is known again", () => {
	const app = { password: "abcdefghijklmnop" };
	const other = { password: "Correct horse, 7 staples" };
	const token = { token: "ya29.a0-Token_x/1" };
	test.each<[credentials: object, text: string]>([
		[app, "abcdefghijklmnop"],
		[app, "abcd efgh ijkl mnop"],
		[app, " ABCD\u00a0efgh  ijkl\tmnop "],
		[app, "abcd-efgh-ijkl-mnop"],
		[app, '"abcd efgh ijkl mnop".'],
		[app, "ab\u200bcdefghijkl\u200bmnop"],
		[app, "ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐ"],
		[app, "sorry,\nabcd efgh ijkl mnop\nthat was my clipboard"],
		[app, "my password is abcdefghijklmnop"],
		[app, "pw:abcdefghijklmnop, or so"],
		[app, "my_abcd-efgh-ijkl-mnop"],
		[app, "it is abcd efgh ijkl mnop, I think"],
		[app, "in two: abcdefgh ijklmnop"],
		[other, "Correct horse, 7 staples"],
		[other, "mine is (Correct  horse, 7 staples)!"],
		[{ password: "-x.Y!" }, "try -X.y!, or not"],
		[{ password: "hunter2" }, "say hunter2 to get in"],
		[other, "correcthorse,7staples"],
		[other, "hello\nCORRECT HORSE, 7 STAPLES"],
		[token, "ya29.a0-Token_x/1"],
	])("%j: %j", (credentials, text) => {
		expect(having(credentials).isIn(text)).toBe(true);
	});

	test.each<[credentials: object, text: string]>([
		[app, "abcdefghijklmno"],
		[app, "my password is abcdefghijklmnopq"],
		[app, "my abcdefghijklmnop1 and xabcdefghijklmnop"],
		[app, "abcd efgh ijkl and mnop"],
		[app, ""],
		[other, "Correct horse"],
		[other, "Correct horse 7 staples"],
		[{ password: "hunter2" }, "hunter22 or hunters 2"],
		[{ password: "12345678" }, "1234-5678 or 1, 2, 3, 4, 5, 6, 7, 8"],
		[{ device: "abcdefghijklmnop" }, "abcdefghijklmnop"],
		[{}, ""],
		[{}, "undefined"],
		[{ password: "  " }, "\n \n"],
	])("and nothing else: %j, %j", (credentials, text) => {
		expect(having(credentials).isIn(text)).toBe(false);
	});

	test("the newest login counts, and nothing readable is kept", () => {
		const secret = having(app);
		secret.learn({ device: "x" });
		expect(secret.isIn(app.password)).toBe(true);
		secret.learn(other);
		expect([secret.isIn(app.password), secret.isIn(other.password)]).toEqual([false, true]);
		expect(Bun.inspect(secret, { depth: 9 })).not.toContain("orrect");
	});
});

test.each([
	["abcd efgh ijkl mnop", true],
	["it is ABCD efgh\u00a0ijkl  mnop, I think", true],
	["abcd-efgh-ijkl-mnop", true],
	["(abcd\nefgh ijkl mnop)", true],
	["a\u200bbcd efgh ijkl mnop", true],
	["just like that time", true],
	["abcd efgh ijkl", false],
	["abcde fghi jklm nopq", false],
	["abcd efgh ijkl mnopq", false],
	["abcd efgh, ijkl mnop", false],
	["abcd 1234 ijkl mnop", false],
	["éabcd efgh ijkl mnop", false],
	["abcdefghijklmnop", true],
	["pw: ABCDEFGHIJKLMNOP.", true],
	["a\u200bbcdefghijklmnop", true],
	["abcdefghijklmno", false],
	["abcdefghijklmnopq", false],
	["abcdefghijklmnop1", false],
	["good morning bobby", false],
	["", false],
])("may hold an app password: %j is %p", (text, expected) => {
	expect(mayHoldAppPassword(text)).toBe(expected);
});
