import { expect, test } from "bun:test";
import { entriesIn, waitForEntry } from "../../support/log.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";

// What a server logs on stderr: who joined and left, and who was refused.

const ANN = { name: "ann", account: "ann@gmail.com" };
const FROM = { ip: "127.0.0.1" };

/** The server refuses somebody; then ann joins, loses her connection, comes back and leaves. */
async function story(stage: Stage): Promise<void> {
	await stage.bot("ann", "not-her-password").exit();
	const ann = await Peer.member(stage, "ann");
	ann.cut();
	const again = await Peer.resume(stage, ann);
	again.send({ type: "leave" });
	expect(await stage.server.exit()).toBe(0);
}

test("a story, as JSON: each entry and no other", async () => {
	const began = Date.now();
	await using stage = await Stage.openWith({ isLocal: true, endsWhenEmpty: true }, "--log", "json");
	await story(stage);
	const entries = entriesIn(stage.server);
	const open = `The room is open on 127.0.0.1:${stage.port}.`;
	const text = expect.stringContaining("localhost rejected this address and password.");
	const account = { claimed: "ann@gmail.com" };
	expect(entries.map(({ at, ...entry }) => entry)).toEqual([
		{ event: "started", text: open },
		{ event: "refused", ...account, ...FROM, code: "wrong_password", text },
		{ event: "joined", ...ANN, ...FROM },
		{ event: "offline", ...ANN, ...FROM, code: "broken" },
		{ event: "back", ...ANN, ...FROM },
		{ event: "left", ...ANN, ...FROM, code: "left" },
		{ event: "stopping", code: "room_ended", text: "The room ended because everybody left." },
	]);
	const times = entries.map(({ at }) => at);
	expect([began, ...times, Date.now()].toSorted((a, b) => a - b)).toEqual([
		began,
		...times,
		expect.any(Number),
	]);
});

test("the same in text, a line each: time, event, who, from where, why", async () => {
	await using stage = await Stage.openWith({ isLocal: true, endsWhenEmpty: true });
	await story(stage);
	const lines = stage.server.err.trimEnd().split("\n");
	const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /;
	for (const line of lines) expect(line).toMatch(time);
	expect(lines.map((line) => line.replace(time, ""))).toEqual([
		`started: The room is open on 127.0.0.1:${stage.port}.`,
		expect.stringMatching(
			/^refused claiming ann@gmail.com from 127.0.0.1 wrong_password: localhost /,
		),
		"joined ann ann@gmail.com from 127.0.0.1",
		"offline ann ann@gmail.com from 127.0.0.1 broken",
		"back ann ann@gmail.com from 127.0.0.1",
		"left ann ann@gmail.com from 127.0.0.1 left",
		"stopping room_ended: The room ended because everybody left.",
	]);
});

test("members that are replaced, do not come back, or fall silent", async () => {
	await using stage = await Stage.local("--log", "json", "--grace", "1");
	const ann = await Peer.member(stage, "ann");
	const elsewhere = await Peer.member(stage, "ann");
	await waitForEntry(stage.server, { event: "left", ...ANN, ...FROM, code: "replaced" });
	const third = await Peer.resume(stage, elsewhere);
	await waitForEntry(stage.server, { event: "offline", ...ANN, ...FROM, code: "replaced" });
	third.raw("no token\n");
	await waitForEntry(stage.server, { event: "offline", ...ANN, ...FROM, code: "bad_token" });
	const gone = await waitForEntry(stage.server, { event: "left", code: "grace_expired" });
	expect(gone).toEqual({ at: gone.at, event: "left", ...ANN, code: "grace_expired" });
	await ann.waitUntilClosed();

	const flags = ["--log", "json", "--grace", "0", "--idle-time", "1"];
	await using quiet = await Stage.openWith({ isLocal: true, endsWhenEmpty: true }, ...flags);
	await Peer.member(quiet, "ann");
	await quiet.server.exit();
	const events = entriesIn(quiet.server).map(({ event, code }) => [event, code]);
	expect(events.slice(1)).toEqual([
		["joined", undefined],
		["left", "idle_timeout"],
		["stopping", "room_ended"],
	]);
});

test("an account is called claimed until the mailbox has vouched for it", async () => {
	await using stage = await Stage.local("--log", "json");
	await Peer.member(stage, "ann");
	const other = Peer.greeting(stage);
	other.send({ type: "login", name: "ann", email: "B.ob@gmail.com", password: PASSWORD });
	const { at: _, text: __, ...taken } = await waitForEntry(stage.server, { code: "name_taken" });
	const bob = { name: "ann", account: "bob@gmail.com" };
	expect(taken).toEqual({ event: "refused", ...bob, ...FROM, code: "name_taken" });

	const late = Peer.greeting(stage);
	const login = { type: "login", name: "ann", email: "B.ob@gmail.com", password: PASSWORD };
	late.line(late.token(login, { now: 1_000_000_000 }));
	const {
		at: ___,
		text: ____,
		...clock
	} = await waitForEntry(stage.server, { code: "clock_skew" });
	expect(clock).toEqual({
		event: "refused",
		claimed: "bob@gmail.com",
		...FROM,
		code: "clock_skew",
	});
});

test("a proved account that cannot join is logged; one that is only claimed is not", async () => {
	const flags = ["--log", "json", "--owner", "ann@gmail.com", "--allow", "ann@gmail.com"];
	await using stage = await Stage.openWith({ isLocal: true, isMailing: true }, ...flags);
	const ann = await Peer.member(stage, "ann");
	ann.send({ type: "ban", who: "E.ve+x@gmail.com" });
	await ann.waitFor("banned");
	for (const name of ["eve", "bob", "bob"]) await stage.bot(name).exit();
	for (const name of ["eve", "bob", "ann"]) {
		const peer = Peer.greeting(stage);
		peer.send({ type: "request_code", email: `${name}@gmail.com` });
		await peer.waitFor("code_sent");
	}
	await waitForEntry(stage.server, { event: "code_requested", claimed: "ann@gmail.com" });
	const told = entriesIn(stage.server).filter(({ event }) => /refused|code_requested/.test(event));
	const bob = { event: "refused", name: "bob", account: "bob@gmail.com", ...FROM };
	expect(told.map(({ at, text, ...entry }) => entry)).toEqual([
		{ event: "refused", name: "eve", account: "eve@gmail.com", ...FROM, code: "banned" },
		{ ...bob, code: "not_allowed" },
		{ ...bob, code: "not_allowed" },
		{ event: "code_requested", claimed: "eve@gmail.com", ...FROM, code: "banned" },
		{ event: "code_requested", claimed: "bob@gmail.com", ...FROM, code: "not_allowed" },
		{ event: "code_requested", claimed: "ann@gmail.com", ...FROM, code: "mailed" },
	]);
});

test("a connection that ends before a login is logged by its IP address, without what it sent", async () => {
	const hostile = "\x1b]0;owned\x07\u009b31m\u202e\r\n2026-11-25T17:30:01.123Z joined eve";
	for (const format of ["text", "json"]) {
		await using stage = await Stage.local("--log", format);
		const login = { name: "eve", email: "eve@gmail.com", password: PASSWORD };
		for (const field of ["name", "email", "password"]) {
			const peer = Peer.greeting(stage);
			peer.send({ type: "login", ...login, [field]: `eve@gmail.com${hostile}` });
			await peer.waitUntilClosed();
		}
		const odd = Peer.greeting(stage);
		odd.send({ type: "login", ...login, email: "a;joined`$(eve)`@gmail.com", password: "no" });
		await odd.waitUntilClosed();
		const knocking = stage.tidy(new Peer(stage.port));
		knocking.raw(`GET ${hostile}\n`);
		await knocking.waitUntilClosed();
		stage.server.kill();
		await stage.server.exit();
		const { err } = stage.server;
		expect(err).toMatch(/^[\n -~]+$/);
		expect(err).not.toContain("owned");
		expect(err.match(/\bbad_field\b/g)).toHaveLength(3);
		expect(err).toContain("a;joined`$(eve)`@gmail.com");
		expect(err.match(/\bdropped\b.*\bnot_fernet_chat\b/g)).toHaveLength(1);
		// Started, four refused, one dropped, stopping.
		expect(err.trimEnd().split("\n")).toHaveLength(7);
	}
});

test("a flood of strangers is bounded and counted, and takes no member's line away", async () => {
	await using stage = await Stage.local("--log", "json", "--max-per-address", "1000");
	let count = 0;
	// Each costs the log a line of 200 bytes, and a network may fill 64 KiB an hour.
	for (const crowd of Array<number>(5).fill(200)) {
		const strangers = Array.from({ length: crowd }, () => stage.tidy(new Peer(stage.port)));
		for (const stranger of strangers) stranger.line("GET / HTTP/1.1");
		await Promise.all(strangers.map((stranger) => stranger.waitUntilClosed()));
		count += crowd;
	}
	const ann = await Peer.member(stage, "ann");
	ann.send({ type: "leave" });
	await waitForEntry(stage.server, { event: "left", ...ANN });
	stage.server.kill();
	await stage.server.exit();
	const entries = entriesIn(stage.server);
	const dropped = entries.filter(({ event }) => event === "dropped");
	const omitted = entries.filter(({ event }) => event === "omitted");
	expect(stage.server.err.length).toBeLessThan(64 * 1024 + 2000);
	expect(dropped.length).toBeGreaterThan(100);
	// The clock may have begun a new hour meanwhile.
	expect([1, 2]).toContain(omitted.length);
	for (const { of } of omitted) expect(of).toBe("dropped");
	expect(omitted.reduce((sum, { count }) => sum + Number(count), dropped.length)).toBe(count);
	expect(entries.filter(({ event }) => event === "joined")).toHaveLength(1);
});
