import { expect, test } from "bun:test";
import { maySave } from "../../../../lib/client/commands/saved-lines.ts";
import { OwnSecret } from "../../../../lib/client/util/own-secret.ts";

const secret = new OwnSecret();
secret.learn({ password: "Correct horse 7" });

test.each([
	...["hello", "two\nlines", "/me waves", "//slash", "/who", "/kick bob", "/announce lunch"],
	...["tell bob it is me", "/title Books", "one\n/tell bob x"],
	// Sixteen letters in all, and yet no password.
	...["good morning bobby", "/me has seen it all by now", "a correct horse"],
])("may be saved: %j", (line) => {
	expect(maySave(line, secret)).toBe(true);
});

test.each([
	...["/tell bob x", "/TELL bob x", "/msg bob x", "/Msg @bob x", "/reply x", "／tell bob x"],
	...["\ufeff/tell bob x", " /reply x", "/tell", "/tell bbo\nx"],
	// Perhaps meant to be private.
	...["/tel bob x", "/replyy x", "/mgs bob x", "/", "/ tell bob x"],
	// Perhaps a password, of this login or another.
	...[
		"abcd efgh ijkl mnop",
		"abcdefghijklmnop",
		"it is abcd efgh ijkl mnop",
		"/me ABCD EFGH IJKL MNOP",
		"my password is abcdefghijklmnop",
		"pw: abcdefghijklmnop",
		"/announce zyxwvutsrqponmlk",
		"what does that mean",
	],
	...["correct horse 7", "/me Correct horse 7", "hello\ncorrecthorse7", "/title Correct horse 7"],
	...["it is Correct horse 7, I think", "/announce pw=correcthorse7"],
])("is not saved: %j", (line) => {
	expect(maySave(line, secret)).toBe(false);
});
