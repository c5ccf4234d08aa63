import { expect, test } from "bun:test";
import { hasPlainName, parseAccount } from "../../../../lib/server/accounts/account.ts";

test.each([
	"annlee@gmail.com",
	"AnnLee@Gmail.COM",
	"ann.lee@gmail.com",
	"a.n.n.l.e.e@gmail.com",
	"annlee+chat@gmail.com",
	"annlee+a.b+c@gmail.com",
	"annlee+!_@gmail.com",
	"annlee@googlemail.com",
	"Ann.Lee+Chat@GoogleMail.com",
])("%s is the account annlee@gmail.com", (email) => {
	expect(parseAccount(email)).toBe("annlee@gmail.com");
});

test.each([
	["ann.lee@example.com", "ann.lee@example.com"],
	["Ann.Lee+chat@Example.com", "ann.lee+chat@example.com"],
	["annlee@example.com", "annlee@example.com"],
	["a_n-n%x@example.com", "a_n-n%x@example.com"],
	["+x@example.com", "+x@example.com"],
	["ann.lee@gmail.com.example.com", "ann.lee@gmail.com.example.com"],
	["ann.lee+x@mygmail.com", "ann.lee+x@mygmail.com"],
	["ann.lee@mail.gmail.com", "ann.lee@mail.gmail.com"],
])("an address of another domain is itself, but for its case: %s", (email, account) => {
	expect(parseAccount(email)).toBe(account);
});

test.each([
	["annlee@gmail.com", "annlea@gmail.com"],
	["annlee@gmail.com", "annlee@example.com"],
	["annlee@example.com", "annlee+x@example.com"],
	["annlee@example.com", "ann.lee@example.com"],
])("%s and %s are two accounts", (one, other) => {
	expect(parseAccount(one)).not.toBe(parseAccount(other));
});

test.each([
	...["+x@gmail.com", "...@gmail.com", ".+x@googlemail.com", "+@GMAIL.com"],
	...["ann-lee@gmail.com", "ann_lee@gmail.com", "ann%boss@gmail.com", "ann!lee@googlemail.com"],
	...["ann,lee@gmail.com", "<ann@gmail.com", "ann@gmail", "ann", "", "a@b@gmail.com"],
])("%p is no account's", (email) => {
	expect(parseAccount(email)).toBeNull();
});

test.each([
	...["boss@corp.example", "b.oss@corp.example", "o'neil_the-2nd@corp.example", "-@corp.example"],
	"annlee@gmail.com",
])("%s can be an account that Google keeps", (account) => {
	expect(hasPlainName(account)).toBe(true);
});

test.each([
	...["boss+@corp.example", "boss+x@corp.example", "+x@corp.example", "boss=x@corp.example"],
	...["boss.@corp.example", ".boss@corp.example", "b..oss@corp.example", ".@corp.example"],
	...["boss%corp@corp.example", "boss!x@corp.example", "boss,x@corp.example", "<boss@corp.example"],
])("%s cannot", (account) => {
	expect(hasPlainName(account)).toBe(false);
});
