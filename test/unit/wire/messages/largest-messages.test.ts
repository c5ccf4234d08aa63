import { describe, expect, test } from "bun:test";
import { LIMITS } from "../../../../lib/server/limits/limits.ts";
import { randomId } from "../../../../lib/util/random-id.ts";
import {
	type ClientMessage,
	readClientMessage,
	readServerMessage,
	type ServerMessage,
} from "../../../../lib/wire/messages/messages.ts";
import { MAX_SERVER_LINE } from "../../../../lib/wire/transport/server-line.ts";
import { client, KEY, seal, sealOne, server } from "../crypto/channel-samples.ts";

// The largest message of each kind fits a line.

const name = "n".repeat(24);
const visit = "v".repeat(22);
const id = "i".repeat(36);
const email = `${"e".repeat(64)}@${"d".repeat(180)}.example`;
/** Six bytes of JSON for each byte of text. */
const text = "\u0000".repeat(8192);
const reason = "\u0000".repeat(200);
const most = 2 ** 53 - 1;

describe("a client's first message", () => {
	const first: ClientMessage[] = [
		{ type: "login", name, email, password: "\ud83d\ude00".repeat(256) },
		{ type: "login", name, email, token: `${"t".repeat(2040)}========` },
		{ type: "login", name, email, ticket: randomId(), code: "012345" },
		{ type: "login", name, email, device: randomId().repeat(3), remember: true },
		{ type: "request_code", email },
		{ type: "resume", token: randomId(), seq: most, private: most },
	];
	test.each(first)("$type", (message) => {
		expect(readClientMessage(message)).toEqual(message);
		expect(sealOne(client(), message).length).toBeLessThanOrEqual(LIMITS.loginLine.default);
	});

	test("resume, however the server was started", () => {
		const resume = { type: "resume", token: randomId(), seq: most, private: most } as const;
		expect(sealOne(client(), resume).length).toBeLessThanOrEqual(LIMITS.loginLine.min);
	});
});

describe("a member's request, however the server was started", () => {
	const requests: ClientMessage[] = [
		{ type: "say", id, text, me: true },
		{ type: "tell", id, to: name, visit, text },
		{ type: "announce", id, text },
		{ type: "ping", id, private: most },
		{ type: "kick", id, name, visit, reason },
		{ type: "ban", id, who: name, visit, reason },
		{ type: "ban", id, who: email, reason },
		{ type: "unban", id, address: email },
		{ type: "mute", id, name, visit },
		{ type: "unmute", id, who: name, visit },
		{ type: "title", id, title: "\u{1f600}".repeat(80) },
	];
	const line = LIMITS.messageLine.min;

	test("a line has at least 73,728 bytes", () => {
		expect(line).toBe(73_728);
	});

	test.each(requests)("$type, alone or 64 in a turn", (message) => {
		expect(readClientMessage(message)).toEqual(message);
		expect(sealOne(client(), message).length).toBeLessThanOrEqual(line);
		const [ours, theirs] = [client(), server()];
		const all = Array.from({ length: 64 }, () => message);
		const sealed = seal(ours, all);
		for (const token of sealed) expect(token.length).toBeLessThanOrEqual(line);
		expect(sealed.flatMap((token) => theirs.open(token))).toEqual(all);
	});
});

describe("what is said by a server with as many members as there may be", () => {
	const max = LIMITS.maxMembers.max;
	const since = Date.now();
	const address = `a***@${"d".repeat(180)}.example`;
	const [many, usual] = [Array<string>(max).fill(name), LIMITS.maxMembers.default];
	const place = { epoch: 2 ** 50, key: KEY, resume: randomId() };
	const members = many.map((name) => ({ name, visit }));
	const pairs = many.map((name): [string, string] => [name, visit]);
	// What members may be shown of Gmail's addresses is short; of others it can be long.
	const roster = (address: string | undefined, many: typeof members): ServerMessage => ({
		type: "roster",
		members: many.map((member) => ({ ...member, since, away: since, ...(address && { address }) })),
	});
	const messages: [what: string, message: ServerMessage][] = [
		["a roster", roster(undefined, members)],
		["a roster, with Gmail's addresses", roster("a***@gmail.com", members)],
		["the roster of a usual room, with long addresses", roster(address, members.slice(0, usual))],
		[
			"a welcome, with everybody away",
			{
				...({ type: "welcome", ...place, name, seq: most, members: pairs, grace: 1 } as const),
				away: many.map((): [string, number] => [visit, since]),
			},
		],
	];
	test.each(messages)("%s", (_, message) => {
		expect(readServerMessage(message)).toEqual(message);
		expect(`0 ${sealOne(server(), message)}`.length).toBeLessThanOrEqual(MAX_SERVER_LINE);
	});
});
