import { describe, expect, test } from "bun:test";
import { type LogEntry, type LogFormat, Logger } from "../../../../lib/server/log/logger.ts";
import { trio } from "../room/trio.ts";

/** A logger whose lines the test keeps, for as long as `takes` allows. */
function kept(format: LogFormat, takes = () => true) {
	const lines: string[] = [];
	const sink = (line: string): boolean => takes() && lines.push(line) > 0;
	return { lines, logger: new Logger(format, sink, () => 1_795_627_801_123) };
}

const WHO = { name: "ann", account: "ann@gmail.com", ip: "127.0.0.1" };
const dropped: LogEntry = { event: "dropped", ip: "192.0.2.1", code: "bad_token", text: "no" };

test("a line has a time, and the fields in one order", () => {
	const { lines, logger } = kept("text");
	logger.log({ event: "joined", ...WHO });
	logger.log({ event: "error", text: "it is broken" });
	expect(lines).toEqual([
		"2026-11-25T17:30:01.123Z joined ann ann@gmail.com from 127.0.0.1",
		"2026-11-25T17:30:01.123Z error: it is broken",
	]);
});

describe("whatever is in a field", () => {
	const hostile = `\x00\x1b[2J\r\n\t \x7f\x9b\u202e\u200b\u2028\ud800\u{e0001}"\\ä${"x".repeat(5000)}`;
	const entry = { name: hostile, account: hostile, ip: hostile, code: hostile };

	test("a JSON entry is one line, and reads back", () => {
		const { lines, logger } = kept("json");
		logger.log({ event: "left", ...entry });
		expect(lines).toHaveLength(1);
		expect(lines[0]).toMatch(/^[ -~ä]+$/);
		const { name } = JSON.parse(lines[0] ?? "");
		expect([name.length, hostile.startsWith(name)]).toEqual([1000, true]);
	});

	test("a text entry is one line, each of its fields one word, and a sentence the last", () => {
		const { lines, logger } = kept("text");
		logger.log({ event: "left", ...entry });
		logger.log({ event: "error", text: hostile });
		const [left = "", fault = ""] = lines;
		expect(left).toMatch(/^\S+ left [!-~]+ [!-~]+ from [!-~]+ [!-~]+$/);
		expect(fault).toMatch(/^\S+ error: [ -~ä]+$/);
		expect(fault.length).toBeLessThan(1200);
		expect(fault).toContain("\\u0000\\u001b[2J\\u000d\\u000a\\u0009 \\u007f\\u009b\\u202e\\u200b");
	});
});

describe("between two ticks", () => {
	test("lines about clients that have not logged in are limited; the rest is counted, by kind", () => {
		const { lines, logger } = kept("text");
		for (let i = 0; i < 100; i++) logger.log(dropped);
		expect(lines).toHaveLength(5);
		logger.log({ ...dropped, event: "refused", claimed: "ann@gmail.com" });
		logger.log({ event: "joined", ...WHO });
		logger.log({ event: "error", text: "ours" });
		expect(lines).toHaveLength(8);
		logger.tick();
		expect(lines.slice(8)).toEqual(["2026-11-25T17:30:01.123Z omitted 95 dropped"]);
		logger.log(dropped);
		expect(lines).toHaveLength(10);
		logger.tick();
		expect(lines).toHaveLength(10);
	});

	test("a whole room may come, and no more", () => {
		const { lines, logger } = kept("json");
		for (let i = 0; i < 1500; i++) logger.log({ event: "joined", ...WHO });
		logger.tick();
		expect(lines).toHaveLength(1001);
		const { at: _, ...last } = JSON.parse(lines[1000] ?? "");
		expect(last).toEqual({ event: "omitted", count: 500, of: "joined" });
	});
});

test("what the sink does not take is said once it takes lines again", () => {
	let takes = false;
	const { lines, logger } = kept("text", () => takes);
	for (let i = 0; i < 3; i++) logger.log({ event: "joined", ...WHO });
	logger.tick();
	takes = true;
	logger.tick();
	logger.tick();
	expect(lines).toEqual(["2026-11-25T17:30:01.123Z omitted 3 joined"]);
});

test("the owner hears of a break at once, and again when the others do", () => {
	const { harness, bob } = trio();
	const who = { name: "bob", account: "bob@gmail.com" };
	const before = harness.recorded.length;
	harness.lose(bob);
	harness.pass(15_000);
	harness.resume(bob);
	expect(harness.recorded.slice(before)).toEqual([
		{ event: "offline", ...who, ip: "192.0.2.1", code: "broken" },
		{ event: "away", ...who },
		{ event: "back", ...who, ip: "192.0.2.1" },
	]);
});
