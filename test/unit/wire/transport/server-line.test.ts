import { describe, expect, test } from "bun:test";
import { RoomKey } from "../../../../lib/wire/crypto/room-key.ts";
import {
	isSessionLine,
	readServerLine,
	sessionLines,
} from "../../../../lib/wire/transport/server-line.ts";
import { CLOSING, KEY, sealOne, server } from "../crypto/channel-samples.ts";

describe("a server's line", () => {
	test("one under the session key is told from one under a room key", () => {
		const ours = sessionLines([sealOne(server(), CLOSING)]);
		expect(isSessionLine(ours)).toBe(true);
		expect(readServerLine(ours.toString("latin1").slice(0, -1))?.epoch).toBe(0);
		expect(ours.indexOf("\n")).toBe(ours.length - 1);
		for (const epoch of [1, 10, 900]) {
			expect(isSessionLine(new RoomKey(epoch, KEY).seal({ seq: 1, at: 2 }, "[]", 1))).toBe(false);
		}
	});

	test("several tokens are as many lines, in their order", () => {
		expect(sessionLines(["gA", "gB", "gC"]).toString()).toBe("0 gA\n0 gB\n0 gC\n");
	});

	test.each([
		["0 gAAAA", { epoch: 0, token: "gAAAA" }],
		["1 gAAAA", { epoch: 1, token: "gAAAA" }],
		["999999999999999 x", { epoch: 999_999_999_999_999, token: "x" }],
	])("a server's line: %j", (line, read) => {
		expect(readServerLine(line)).toEqual(read);
	});

	test.each([
		...["", " ", "0", "1", "12", "00", "gAAAA", " gAAAA", "- x", "-1 x", "+1 x", "01 x", "1.0 x"],
		...[
			"1e3 x",
			"0x1 x",
			"\u0661 x",
			"1 ",
			"1\t x",
			" 1 x",
			"1000000000000000 x",
			"HTTP/1.1 400 Bad",
		],
	])("no server's line: %j", (line) => {
		expect(readServerLine(line)).toBeNull();
	});
});
