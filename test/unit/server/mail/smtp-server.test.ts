import { expect, test } from "bun:test";
import { formatSmtpUrl, GMAIL_URL, parseSmtpUrl } from "../../../../lib/server/mail/smtp-server.ts";

test.each([
	[GMAIL_URL, "smtp.gmail.com", 465, true],
	["smtps://smtp.gmail.com", "smtp.gmail.com", 465, true],
	["smtp://smtp.gmail.com", "smtp.gmail.com", 587, false],
	["smtps://mail-1.example.org:2465", "mail-1.example.org", 2465, true],
	["smtp://127.0.0.1:25/", "127.0.0.1", 25, false],
	["smtps://[::1]", "::1", 465, true],
	["smtp://[2001:DB8::7]:1", "2001:DB8::7", 1, false],
	["smtps://localhost:65535", "localhost", 65_535, true],
])("%s is a mailbox", (text, host, port, secure) => {
	expect(parseSmtpUrl(text)).toEqual({ host, port, secure });
});

test.each([
	"",
	"smtp.gmail.com",
	"smtp.gmail.com:465",
	"smtps:smtp.gmail.com",
	"smtps://",
	"smtps://:465",
	"https://smtp.gmail.com",
	"xsmtps://smtp.gmail.com",
	"smtps://smtp.gmail.com:",
	"smtps://smtp.gmail.com:0",
	"smtps://smtp.gmail.com:65536",
	"smtps://smtp.gmail.com:100465",
	"smtps://smtp.gmail.com:-1",
	"smtps://smtp.gmail.com:4e2",
	"smtps://smtp.gmail.com/inbox",
	"smtps://smtp.gmail.com?tls=no",
	"smtps://smtp.gmail.com#1",
	"smtps://ann:secret@smtp.gmail.com",
	"smtps://smtp gmail com",
	" smtps://smtp.gmail.com",
	"smtps://smtp.gmail.com\n",
	"smtps://::1",
	"smtps://[::1",
	"smtps://[smtp.gmail.com]",
])("%p is none", (text) => {
	expect(parseSmtpUrl(text)).toBeNull();
});

test.each([
	["smtps://smtp.gmail.com", "smtps://smtp.gmail.com:465"],
	["smtp://localhost", "smtp://localhost:587"],
	["smtps://[::1]:2465/", "smtps://[::1]:2465"],
])("%s is named %s, which can be read again", (text, name) => {
	const mailbox = parseSmtpUrl(text);
	if (!mailbox) throw new Error("not a mailbox");
	expect(formatSmtpUrl(mailbox)).toBe(name);
	expect(parseSmtpUrl(name)).toEqual(mailbox);
});
