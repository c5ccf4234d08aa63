import { describe, expect, test } from "bun:test";
import { type LogEntry, type LogFormat, Logger } from "../../../../lib/server/log/logger.ts";
import type { Clocks } from "../../../../lib/util/clock.ts";
import { trio } from "../room/trio.ts";

/** Both clocks at once. */
const clockAt = (now: () => number): Clocks => ({ now, wallNow: now });

/** A logger whose lines the test keeps, for as long as `takes` allows. */
function kept(format: LogFormat, takes = () => true) {
	const lines: string[] = [];
	const sink = (line: string): boolean => takes() && lines.push(line) > 0;
	return {
		lines,
		logger: new Logger(
			format,
			sink,
			clockAt(() => 1_795_627_801_123),
		),
	};
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

const MB = 1_000_000;
const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** A day touches at most this many of the clock's hours. */
const HOURS = 25;
const SAMPLE_HOURS = 2;

/** What a logger writes in two hours under a flood that uses up every budget. */
function flood(format: LogFormat, entryAt: (i: number) => LogEntry) {
	let now = 1_795_627_801_123;
	let bytes = 0;
	const omissions: number[] = [];
	let written = 0;
	const sink = (line: string): boolean => {
		bytes += Buffer.byteLength(line) + 1;
		const [, count] = /omitted"?\D+(\d+)/.exec(line) ?? [];
		if (count === undefined) written++;
		else omissions.push(Number(count));
		return true;
	};
	const logger = new Logger(
		format,
		sink,
		clockAt(() => now),
	);
	let logged = 0;
	for (let hour = 0; hour < SAMPLE_HOURS; hour++, now += HOUR)
		for (let i = 0; i < 5000; i++) logger.log(entryAt(logged++));
	logger.reportOmitted();
	return { bytes, logged, written, omissions };
}

describe("in a day", () => {
	const ipOf = (i: number) => `198.${i % 100}.${i % 251}.7`;
	const from = { code: "bad_field", text: "x".repeat(300) };
	const floods: [who: string, maxBytes: number, entryAt: (i: number) => LogEntry][] = [
		["one stranger", 2 * MB, () => ({ event: "dropped", ip: "192.0.2.1", ...from })],
		[
			"one customer with a /64",
			2 * MB,
			(i) => ({ event: "dropped", ip: `2001:db8::${i.toString(16)}`, ...from }),
		],
		["many networks", 20 * MB, (i) => ({ event: "dropped", ip: ipOf(i), ...from })],
		[
			"many networks that claim accounts, in every way",
			20 * MB,
			(i) => {
				const claimed = `${"x".repeat(200)}${i}@gmail.com`;
				return i % 2 === 0
					? { event: "refused", ip: ipOf(i), claimed, ...from }
					: { event: "code_requested", ip: ipOf(i), claimed, code: "mailed" };
			},
		],
		[
			"many proved accounts that cannot join",
			20 * MB,
			(i) => ({
				...{ event: "refused", name: "eve", account: `eve${i}@gmail.com`, ip: ipOf(i) },
				...{ code: "not_allowed", text: from.text },
			}),
		],
		[
			"strangers who cause warnings and errors as well",
			20 * MB,
			(i) =>
				i % 3 === 0
					? { event: "dropped", ip: ipOf(i), ...from }
					: { event: i % 3 === 1 ? "warning" : "error", text: from.text },
		],
		[
			"a member who comes and goes",
			5 * MB,
			(i) => ({ event: i % 2 ? "back" : "offline", ...WHO, code: "broken" }),
		],
		[
			"an owner who says one command over and over, under ever new names",
			5 * MB,
			(i) => ({
				...{ event: "owner_command", name: `n${i}`, account: WHO.account },
				...{ code: "mute", text: "bob" },
			}),
		],
		[
			"a crowd of accounts",
			210 * MB,
			(i) => ({
				event: "left",
				...WHO,
				name: "x".repeat(1000),
				account: `${"x".repeat(900)}${i}`,
				code: "left",
			}),
		],
	];
	test.each(floods)("%s: bounded, and each line left out is counted", (who, maxBytes, entryAt) => {
		const format = who.includes("account") ? "json" : "text";
		const { bytes, logged, written, omissions } = flood(format, entryAt);
		expect((bytes / SAMPLE_HOURS) * HOURS).toBeLessThanOrEqual(maxBytes);
		// Not by saying nothing.
		expect(written).toBeGreaterThan(SAMPLE_HOURS * 50);
		expect(written + omissions.reduce((sum, count) => sum + count, 0)).toBe(logged);
		// Once an hour for each of at most three kinds.
		expect(omissions.length).toBeGreaterThanOrEqual(SAMPLE_HOURS);
		expect(omissions.length).toBeLessThanOrEqual(SAMPLE_HOURS * 3);
	});
});

describe("what one has used up", () => {
	/** Logs until nothing more is written. */
	function exhaust({ lines, logger }: ReturnType<typeof kept>, entryAt: (i: number) => LogEntry) {
		for (let i = 0; ; i++) {
			const before = lines.length;
			for (let again = 0; again < 20; again++) logger.log(entryAt(i));
			if (lines.length === before) return;
		}
	}

	const others: LogEntry[] = [
		{ event: "joined", ...WHO },
		{ event: "refused", ...WHO, code: "not_owner", text: "no" },
		{ event: "error", text: "ours" },
		{ ...dropped, ip: "203.0.113.9" },
		{ ...dropped, ip: "2001:db8:0:1::1" },
	];

	test("a network: its neighbours, members and the program are still heard", () => {
		for (const ip of ["192.0.2.1", "2001:db8::1"]) {
			const log = kept("text");
			exhaust(log, () => ({ ...dropped, ip }));
			const before = log.lines.length;
			for (const entry of others) log.logger.log(entry);
			expect(log.lines.length - before).toBe(others.length);
		}
	});

	test("all strangers: members and the program are still heard, listed or not", () => {
		const log = kept("text");
		exhaust(log, (i) => ({ ...dropped, ip: `192.0.2.${i % 250}` }));
		const before = log.lines.length;
		for (const entry of others) log.logger.log(entry);
		log.logger.log({
			event: "refused",
			...WHO,
			account: "eve@gmail.com",
			code: "banned",
			text: "no",
		});
		expect(log.lines.length - before).toBe(3);
	});

	test("an account: everybody else is still heard", () => {
		const log = kept("json");
		exhaust(log, () => ({ event: "back", ...WHO }));
		const before = log.lines.length;
		log.logger.log({ event: "back", ...WHO, account: "ben@gmail.com" });
		for (const entry of others.slice(2)) log.logger.log(entry);
		expect(log.lines.length - before).toBe(4);
	});
});

test("what was left out is said when the hour is over, and at the end", () => {
	let now = 0;
	const lines: string[] = [];
	const logger = new Logger(
		"text",
		(line) => lines.push(line) > 0,
		clockAt(() => now),
	);
	const flood = () => {
		for (let i = 0; i < 2000; i++) logger.log(dropped);
	};
	const said = () => lines.filter((line) => line.includes("omitted"));
	flood();
	const count = lines.length;
	now = HOUR - 1;
	logger.tick();
	expect([said(), logger.isIncomplete]).toEqual([[], true]);
	now = HOUR;
	logger.tick();
	expect(said()).toEqual([`1970-01-01T01:00:00.000Z omitted ${2000 - count} dropped`]);
	expect(logger.isIncomplete).toBe(false);
	flood();
	logger.reportOmitted();
	logger.reportOmitted();
	expect(said()).toHaveLength(2);
});

test("what the sink does not take is said once it takes lines again", () => {
	let takes = false;
	const { lines, logger } = kept("text", () => takes);
	for (let i = 0; i < 3; i++) logger.log({ event: "joined", ...WHO });
	logger.reportOmitted();
	takes = true;
	logger.reportOmitted();
	logger.reportOmitted();
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

test.each([-2 * HOUR, HOUR, 24 * HOUR])(
	"the wall clock set by %i ms begins no new hour",
	(step) => {
		let ahead = 0;
		const lines: string[] = [];
		const clocks = { now: () => 0, wallNow: () => 1_795_627_801_123 + ahead };
		const logger = new Logger("text", (line) => lines.push(line) > 0, clocks);
		for (let i = 0; i < 2000; i++) logger.log(dropped);
		const count = lines.length;
		ahead = step;
		logger.tick();
		logger.log(dropped);
		expect([lines.length, logger.isIncomplete]).toEqual([count, true]);
	},
);
