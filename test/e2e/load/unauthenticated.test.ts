import { describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LIMITS } from "../../../lib/server/limits/limits.ts";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { KeyFolder } from "../../../lib/wire/keys/key-folder.ts";
import { Guest, Unauthenticated } from "../../support/crowd.ts";
import { eventually } from "../../support/eventually.ts";
import { Peer } from "../../support/peer.ts";
import { Stage, TRANSPORTS } from "../../support/programs.ts";

// Connections that never log in, and members who ask for too much, each at its limit.

describe.each(TRANSPORTS)("%s", (_, how) => {
	const open = (...flags: string[]) => Stage.openWith(how, ...flags);

	test("idle strangers and slow ones do not keep a new member out", async () => {
		const flags = ["--max-strangers", "1000", "--max-per-address", "1000"];
		await using stage = await open(...flags);
		await using idle = new Unauthenticated(stage, 100);
		await using slow = new Unauthenticated(stage, 100);
		await idle.waitUntilConnected();
		await slow.waitUntilConnected();
		for (let i = 0; i < 12; i++) {
			slow.drip("FERNET-CHAT/", i);
			await using guest = await Guest.join(stage, `guest${i}`);
			await guest.say("hello");
		}
		expect([idle.connected, slow.connected]).toEqual([100, 100]);
	});

	test("nor do they by default, more of them than there are places, from one address", async () => {
		await using stage = await open();
		await using unauthenticated = new Unauthenticated(stage, 300);
		await unauthenticated.waitUntilConnected();
		const places = LIMITS.maxPerAddress.default;
		await eventually("as many as may be", () => unauthenticated.closed >= 300 - places);
		for (let i = 0; i < 6; i++) {
			unauthenticated.drip("FERNET-CHAT/", i);
			// Every other guest has the strangers' address; the rest have one to themselves.
			const guest = stage.tidy(await Guest.join(stage, `guest${i}`, `127.0.0.${1 + (i % 2)}`));
			await guest.say("hello");
			// All strangers stay connected but those whose place a guest has taken.
			expect(unauthenticated.connected).toBeGreaterThanOrEqual(places - i - 1);
		}
	});

	test("connections from one IP address are limited: the one idle longest makes way, a member never", async () => {
		await using stage = await open("--max-per-address", "3");
		await using ann = await Guest.join(stage, "ann");
		await using idle = new Unauthenticated(stage, 2);
		await idle.waitUntilConnected();
		await using ben = await Guest.join(stage, "ben");
		await eventually("one gone", () => idle.closed === 1);
		await using cyd = await Guest.join(stage, "cyd");
		await eventually("both gone", () => idle.closed === 2);
		const sentence = reason("too_many_connections").text;
		expect(idle.told).toEqual(
			Array(2).fill(`FERNET-CHAT/1 error too_many_connections ${sentence}\n`),
		);

		// All the others are members now, so the newcomer is the one to go.
		await using late = new Unauthenticated(stage, 1);
		await eventually("turned away", () => late.closed === 1);
		expect(late.told).toEqual([`FERNET-CHAT/1 error too_many_connections ${sentence}\n`]);
		await using dan = await Guest.join(stage, "dan", "127.0.0.2");
		await Promise.all([ann, ben, cyd, dan].map((guest) => guest.say("hello")));

		ann.cut();
		await eventually("a place", async () => {
			await using one = new Unauthenticated(stage, 1);
			await one.waitUntilConnected();
			// A connection that is let in gets no answer yet; one that is not is closed.
			one.drip("\n", 0);
			await eventually("an answer", () => one.told[0] !== "");
			return one.refused === 0;
		});
	});

	test("connections without a login are limited, members not counted: the oldest makes way", async () => {
		await using stage = await open("--max-strangers", "4");
		const members: Guest[] = [];
		for (const name of ["ann", "ben", "cyd", "dan", "eve"]) {
			members.push(stage.tidy(await Guest.join(stage, name)));
		}
		await using oldest = new Unauthenticated(stage, 1);
		await oldest.waitUntilConnected();
		await using idle = new Unauthenticated(stage, 3);
		await idle.waitUntilConnected();
		expect(oldest.refused).toBe(0);
		await using late = new Unauthenticated(stage, 1);
		await eventually("the oldest gone", () => oldest.closed === 1);
		expect(oldest.told[0]).toMatch(/^FERNET-CHAT\/1 error lobby_full /);
		await late.waitUntilConnected();
		// A connection that has said something is not spared for it: only a login counts.
		idle.drip("F", 0);
		const fay = stage.tidy(await Guest.join(stage, "fay"));
		await eventually("another gone", () => idle.closed === 1);
		await Promise.all([...members, fay].map((member) => member.say("hello")));
		expect([idle.closed, late.closed]).toEqual([1, 0]);
	});

	const crowds: [what: string, flags: string[], places: number, ip: string][] = [
		["of one address", ["--max-per-address", "4", "--max-strangers", "20"], 8, "127.0.0.1"],
		["of all together", ["--max-members", "2", "--max-strangers", "4"], 10, "127.0.0.2"],
	];

	test.each(crowds)(
		"those sent away %s are bounded, and the oldest is cut for a newcomer",
		async (_, flags, places, ip) => {
			await using stage = await open(...flags);
			// The strangers keep their side open for as long as the server lets them.
			await using rude = new Unauthenticated(stage, 100, { stay: true });
			await eventually("cut", () => rude.closed >= 100 - places);
			await using ann = await Guest.join(stage, "ann", ip);
			await ann.say("hello");
			// Nor does she have to wait until they are gone.
			expect(rude.closed).toBeLessThan(100);
		},
	);

	describe("too late", () => {
		test("with a hello, whether silent or slow", async () => {
			await using stage = await open("--hello-time", "1");
			await using unauthenticated = new Unauthenticated(stage, 2);
			await unauthenticated.waitUntilConnected();
			for (let i = 0; unauthenticated.closed < 2 && i < 600; i++) {
				unauthenticated.drip("FERNET-CHAT/1 0123456789abcdef", i % 30);
				await Bun.sleep(10);
			}
			const late = "FERNET-CHAT/1 error login_timeout The server received no hello line in time.\n";
			expect(unauthenticated.told).toEqual([late, late]);
		});

		test("with the key file", async () => {
			await using stage = await open("--key-time", "1");
			const [peer, ...others] = [1, 2, 3].map(() => Peer.knocking(stage));
			if (!peer) throw new Error("there is a first one");
			peer.line(`FERNET-CHAT/1 ${peer.id}`);
			for (const [i, { id, key }] of others.entries()) {
				// Half written, and never more.
				await writeFile(join(stage.keys, `${id}.key`), key.slice(0, i * 20), { mode: 0o600 });
				others[i]?.line(`FERNET-CHAT/1 ${id}`);
			}
			expect(await peer.waitUntilClosed()).toMatch(
				/error login_timeout The server found no key file in its keys folder \(--keys\) in time\.\n$/,
			);
			for (const other of others) {
				expect(await other.waitUntilClosed()).toMatch(
					/error bad_key_file The key file is incomplete: a key has 44 bytes\.\n$/,
				);
			}
			expect(await stage.keyFiles()).toEqual([]);
			new KeyFolder(stage.keys).save(peer.id, peer.key);
			await using again = await Guest.join(stage, "again");
			await again.say("hello");
		});

		test("with the login, and its key is deleted", async () => {
			await using stage = await open("--login-time", "1");
			await using member = await Guest.join(stage, "member");
			const peer = Peer.greeting(stage);
			expect(await peer.waitFor("closing")).toMatchObject({ code: "login_timeout" });
			await peer.waitUntilClosed();
			expect(await stage.keyFiles()).toEqual([`${member.id}.key`]);
			// The deadline is for logging in; a member may stay.
			await member.say("hello");
		});
	});

	describe("the length of a line", () => {
		test("before the login", async () => {
			await using stage = await open("--login-line", "1024");
			for (const [bytes, code] of [
				[1024, "not_fernet_chat"],
				[1025, "line_too_long"],
			] as const) {
				const peer = Peer.knocking(stage);
				peer.line("x".repeat(bytes));
				expect(await peer.waitUntilClosed()).toStartWith(`FERNET-CHAT/1 error ${code} `);
			}
		});

		test("after it", async () => {
			await using stage = await open("--message-line", "80000");
			await using member = await Guest.join(stage, "member");
			for (const [bytes, code] of [
				[80_000, "bad_token"],
				[80_001, "line_too_long"],
			] as const) {
				const peer = await Peer.member(stage, "peer");
				peer.line("x".repeat(bytes));
				expect(await peer.waitFor("closing")).toMatchObject({ code });
			}
			await member.say("hello");
		});
	});

	test("the room has a limit, and an account that is already in does not count against itself", async () => {
		await using stage = await open("--max-members", "2");
		await using ann = await Guest.join(stage, "ann");
		await using ben = await Guest.join(stage, "ben");
		const cyd = stage.tidy(new Guest(stage, "cyd"));
		const login = {
			type: "login",
			name: "cyd",
			email: "cyd@gmail.com",
			password: "abcdefghijklmnop",
		};
		cyd.send(login);
		expect(await cyd.waitFor("denied")).toMatchObject({ code: "room_full" });
		await using again = await Guest.join(stage, "ben");
		expect(await ben.waitFor("closing")).toMatchObject({ code: "replaced" });
		await Promise.all([ann.say("hello"), again.say("hello")]);
	});
});
