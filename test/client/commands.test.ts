import { describe, expect, test } from "bun:test";
import { type Actions, commandNames, obey } from "../../lib/client/commands.ts";

/** What a line asks of the room, each thing as a list: its name and what it is given. */
function asked(line: string, correspondent: string | null = null): unknown[][] {
	const calls: unknown[][] = [];
	const note =
		(name: string) =>
		(...given: unknown[]): void =>
			void calls.push([name, ...given]);
	const room: Actions = {
		correspondent,
		who: note("who"),
		say: note("say"),
		tell: note("tell"),
		ignore: note("ignore"),
		again: note("again"),
		forget: note("forget"),
		setBell: note("setBell"),
		setClock: note("setClock"),
		save: note("save"),
		leave: note("leave"),
		note: note("note"),
		problem: note("problem"),
	};
	obey(room, line);
	return calls;
}

describe("a command does what it says, and nothing else", () => {
	const table: [line: string, ...calls: unknown[][]][] = [
		["/who", ["who"]],
		["/who  ", ["who"]],
		["/tell bob hello there", ["tell", "bob", "hello there"]],
		["/tell @bob hello", ["tell", "bob", "hello"]],
		["/tell   bob   hello ", ["tell", "bob", "hello"]],
		["/tell bob one\n  two", ["tell", "bob", "one\n  two"]],
		["/me waves at bob", ["say", "waves at bob", true]],
		["/ignore bob", ["ignore", "bob"]],
		["/ignore @bob", ["ignore", "bob"]],
		["/ignore", ["ignore", ""]],
		["/again", ["again"]],
		["/forget", ["forget"]],
		["/bell off", ["setBell", "off"], ["note", "bell: off"]],
		["/time long", ["setClock", "long"], ["note", "time: long"]],
		["/save a file.txt", ["save", "a file.txt"]],
		["/leave", ["leave"]],
	];
	test.each(table)("%j", (line, ...calls) => {
		expect(asked(line)).toEqual(calls);
	});
	test("/reply goes to whoever told something last, in whole", () => {
		expect(asked("/reply yes, I do", "bob")).toEqual([["tell", "bob", "yes, I do"]]);
		expect(asked("/reply @carl is here", "bob")).toEqual([["tell", "bob", "@carl is here"]]);
	});
});

describe("what cannot be meant is a problem, and nothing of it is said", () => {
	test.each([
		...["/", "/ who", "/foo", "/WHO", "/whoami", "/tell", "/tell bob", "/tell bob ", "/tell @ x"],
		...["/reply", "/reply hello", "/me", "/me  ", "/bell", "/bell loud", "/bell ALL", "/time"],
		...["/time 12", "/save", "/say hello", "/constructor", "/__proto__ x", "/leave\u200b"],
	])("%j", (line) => {
		const [call, ...more] = asked(line);
		expect(call?.[0]).toBe("problem");
		expect(more).toEqual([]);
	});
});

test("the help is made of the same table", () => {
	const [[, help] = []] = asked("/help");
	const lines = String(help).split("\n");
	for (const name of commandNames) {
		expect(lines.filter((line) => line.startsWith(`${name} `))).toHaveLength(1);
	}
	expect(commandNames).toEqual(
		expect.arrayContaining(["/who", "/tell", "/reply", "/me", "/ignore"]),
	);
	expect(commandNames).toEqual(
		expect.arrayContaining(["/bell", "/time", "/save", "/help", "/leave"]),
	);
	expect(String(help)).toContain("//");
});
