import { describe, expect, test } from "bun:test";
import { commandNames } from "../../../../lib/client/commands/commands.ts";
import { asked } from "./asked.ts";

describe("a command does what it says, and nothing else", () => {
	const table: [line: string, ...calls: unknown[][]][] = [
		["/who", ["who"]],
		["/who  ", ["who"]],
		["/tell bob hello there", ["tell", "bob", "hello there"]],
		["/tell @bob hello", ["tell", "bob", "hello"]],
		["/tell   bob   hello ", ["tell", "bob", "hello"]],
		["/tell bob one\n  two", ["tell", "bob", "one\n  two"]],
		["/reply yes, I do", ["reply", "yes, I do"]],
		["/reply @carl is here", ["reply", "@carl is here"]],
		["/me waves at bob", ["say", "waves at bob", true]],
		["/ignore bob", ["ignore", "bob"]],
		["/ignore @bob", ["ignore", "bob"]],
		["/ignore", ["ignore", ""]],
		["/again", ["again"]],
		["/forget", ["forget"]],
		["/bell off", ["setBell", "off"], ["note", "/bell is now off."]],
		["/time long", ["setClock", "long"], ["note", "/time is now long."]],
		["/save a file.txt", ["save", "a file.txt"]],
		["/devices", ["devices"]],
		["/signout", ["signOut", false]],
		["/signout all", ["signOut", true]],
		["/leave", ["leave"]],
		["/clear", ["clear"]],
		["/whois bob", ["whois", "bob"]],
		["/whois @bob", ["whois", "bob"]],
		["/nick", ["note", expect.stringMatching(/^You are ann as long as you are here, /)]],
		["/nick zoe", ["note", expect.stringMatching(/^You are ann as long as you are here, /)]],
		// Other names, and any case.
		["/quit", ["leave"]],
		["/exit", ["leave"]],
		["/names", ["who"]],
		["/msg bob hello there", ["tell", "bob", "hello there"]],
		["/WHO", ["who"]],
		["/Tell bob Hello", ["tell", "bob", "Hello"]],
		["/QUIT", ["leave"]],
		["/bell ALL", ["setBell", "all"], ["note", "/bell is now all."]],
		["/signout ALL", ["signOut", true]],
	];
	test.each(table)("%j", (line, ...calls) => {
		expect(asked(line)).toEqual(calls);
	});
});

describe("what cannot be meant is given back, and nothing of it is done", () => {
	test.each([
		...["/", "/ who", "/foo", "/whoami", "/whois", "/tell", "/tell bob", "/tell bob ", "/tell @ x"],
		...["/reply", "/reply ", "/me", "/me  ", "/bell", "/bell loud", "/time"],
		...[
			"/time 12",
			"/save",
			"/say hello",
			"/msg bob",
			"/constructor",
			"/__proto__ x",
			"/leave\u200bx",
		],
		// They take nothing.
		...["/leave me alone", "/quit smoking", "/exit\n2", "/who bob", "/clear the table"],
		...["/more or less", "/again and again", "/forget it", "/devices x"],
	])("%j", (line) => {
		const [call, ...more] = asked(line);
		expect(call?.[0]).toBe("giveBack");
		expect(more).toEqual([]);
	});
});

describe("a word that is no command", () => {
	const problemOf = (line: string, isOwner = false): unknown => asked(line, isOwner)[0]?.[1];
	test.each([
		["/tel bob hi", "/tell"],
		["/hlep", "/help"],
		["/WHOISS bob", "/whois"],
		["/qiut", "/quit"],
		["/ms bob hi", "/msg"],
		["/leav", "/leave"],
	])("%s was probably meant to be %s", (line, meant) => {
		expect(problemOf(line)).toEndWith(`Did you mean ${meant}?`);
	});

	test.each(["/x", "/zz", "/constructor", "/abracadabra", "/mutee"])(
		"%s may be anything",
		(line) => {
			expect(problemOf(line)).toBe(`There is no command ${line}. Type /help for the commands.`);
		},
	);

	test("was meant to be an owner's only if an owner typed it", () => {
		expect(problemOf("/mutee bob", true)).toEndWith("Did you mean /mute?");
		expect(problemOf("/kikc bob", true)).toEndWith("Did you mean /kick?");
	});
});

describe("the help of one command", () => {
	test.each([
		["/help tell", "/tell NAME TEXT          send a private message (or /msg)"],
		["/help /msg", "/tell NAME TEXT          send a private message (or /msg)"],
		["/HELP Quit", "/leave                   leave the room (or /quit, /exit)"],
		["/help kick", "/kick NAME [WHY]         remove somebody, who can log in again"],
	])("%s", (line, row) => {
		expect(asked(line)).toEqual([["note", row]]);
	});

	test("of none says so", () => {
		expect(asked("/help teel")).toEqual([
			["giveBack", "There is no command /teel. Did you mean /tell?"],
		]);
	});
});

describe("an owner's command asks the server, whoever types it", () => {
	const table: [line: string, request: object][] = [
		["/kick bob", { type: "kick", name: "bob", reason: undefined }],
		["/kick @bob  for the noise", { type: "kick", name: "bob", reason: "for the noise" }],
		["/ban bob", { type: "ban", who: "bob", reason: undefined }],
		[
			"/ban b.ob@gmail.com spam\nand more",
			{ type: "ban", who: "b.ob@gmail.com", reason: "spam\nand more" },
		],
		["/unban bob@gmail.com", { type: "unban", address: "bob@gmail.com" }],
		["/mute @bob", { type: "mute", name: "bob" }],
		["/unmute @bob", { type: "unmute", who: "bob" }],
		["/unmute b.ob@gmail.com", { type: "unmute", who: "b.ob@gmail.com" }],
		["/banned", { type: "bans" }],
		["/signout @bob", { type: "sign_out_member", who: "bob" }],
		["/signout b.ob@gmail.com", { type: "sign_out_member", who: "b.ob@gmail.com" }],
		["/announce all out", { type: "announce", text: "all out" }],
		["/title Book club", { type: "title", title: "Book club" }],
		["/close", { type: "close" }],
	];
	test.each(table)("%j", (line, request) => {
		for (const isOwner of [true, false]) {
			expect(asked(line, isOwner)).toEqual([["ask", request]]);
		}
	});
	test.each([
		"/kick",
		"/ban",
		"/unban",
		"/mute",
		"/unmute",
		"/announce",
		"/title",
		"/close the window",
		"/banned words",
	])("not: %j", (line) => {
		expect(asked(line, true)).toEqual([["giveBack", expect.stringMatching(/^Usage: \/[a-z]+/)]]);
	});
});

test.each([true, false])("the help is made of the same table; to an owner: %p", (isOwner) => {
	const [[, help] = []] = asked("/help", isOwner);
	const lines = String(help).split("\n");
	const names = commandNames(isOwner);
	for (const name of names) {
		// The arguments of a command never run into its description.
		expect(
			lines.filter((line) => line.startsWith(`${name} `) && /\S {2,}\S/.test(line)),
		).toHaveLength(1);
	}
	expect(names).toEqual(expect.arrayContaining(["/who", "/tell", "/reply", "/me", "/ignore"]));
	expect(names).toEqual(expect.arrayContaining(["/bell", "/time", "/save", "/help", "/leave"]));
	for (const name of [
		"/kick",
		"/ban",
		"/unban",
		"/mute",
		"/unmute",
		"/banned",
		"/announce",
		"/title",
		"/close",
	]) {
		expect([names.includes(name), String(help).includes(name)]).toEqual([isOwner, isOwner]);
	}
	expect(String(help)).toContain("//");
	// What the UI says about its keys comes last.
	expect(lines.at(-1)).toBe("Alt-Enter begins a new line.");
});
