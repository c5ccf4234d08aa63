import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KeyFolder } from "../../lib/wire/keys/key-folder.ts";
import { Guest, usage } from "../support/crowd.ts";
import { eventually } from "../support/eventually.ts";
import { problemsIn } from "../support/log.ts";
import { Stage } from "../support/programs.ts";

// Hours of a room in minutes: joins, leaves, cuts, talk. `bun test/long/soak.ts [MINUTES] [--room]`.
// Prints its figures; exits with 1 when memory, descriptors or key files do not return to
// where they began, or when the room's file grows beyond its bound.

const isKept = process.argv.includes("--room");
const MINUTES = Number(process.argv.slice(2).find((word) => word !== "--room") ?? 10);
/** The part of the time before the first measurement, in which caches and history fill. */
const WARM_UP = 0.2;
const PEOPLE = 16;
const MIB = 1024 * 1024;
/** How much the server's memory may grow, because its engine keeps some for later. */
const TOLERANCE = 32 * MIB;
/** Milliseconds an answer may take. */
const ANSWER = 10_000;

const LOG_BYTES = 2 * MIB;
/** Of the room's file and what is beside it: entries, two snapshots, and a snapshot on its way. */
const MAX_FILE_BYTES = 4 * LOG_BYTES;
const folder = mkdtempSync(join(tmpdir(), "fernet-chat-soak-"));
const FLAGS = [
	...(isKept ? ["--room", join(folder, "room")] : []),
	...["--grace", "2", "--log-events", "500", "--log-bytes", String(LOG_BYTES)],
	...["--address-logins", "1000000", "--account-logins", "1000", "--max-per-address", "1000"],
];

const did = { joined: 0, left: 0, vanished: 0, resumed: 0, refused: 0, said: 0, told: 0, broke: 0 };
const faults: string[] = [];
const dice = (sides: number): number => Math.floor(Math.random() * sides);

async function answered<T>(what: string, work: Promise<T>): Promise<T> {
	const late = Promise.withResolvers<never>();
	const timer = setTimeout(() => late.reject(new Error(`no answer: ${what}`)), ANSWER);
	try {
		return await Promise.race([work, late.promise]);
	} finally {
		clearTimeout(timer);
	}
}

/** Does one random thing; returns the connection with which the member goes on. */
async function act(stage: Stage, guest: Guest): Promise<Guest> {
	const what = dice(20);
	if (what === 0) {
		guest.cut();
		// The member comes back before its grace ends.
		await Bun.sleep(dice(500));
		did.resumed++;
		const back = await Guest.resume(stage, guest);
		faults.push(...guest.faults);
		return back;
	}
	if (what === 1) {
		guest.stall();
		await Bun.sleep(dice(200));
		guest.wake();
	} else if (what < 5) {
		guest.tell(`soak${dice(PEOPLE)}`, "between us");
		did.told++;
	} else if (what < 7)
		guest.send(what === 5 ? { type: "who" } : { type: "ping", private: guest.private });
	else {
		await answered("an echo", guest.say("x".repeat(1 + dice(dice(10) === 0 ? 8000 : 200))));
		did.said++;
	}
	await Bun.sleep(dice(20));
	return guest;
}

/** One visit: a login, random actions, and one of the ways to leave. */
async function life(stage: Stage, name: string): Promise<void> {
	let guest = await Guest.join(stage, name);
	did.joined++;
	for (let left = dice(60); left > 0; left--) guest = await act(stage, guest);
	const end = dice(4);
	if (end === 0) {
		guest.cut();
		did.vanished++;
	} else if (end === 1) {
		guest.send({ type: "welcome" });
		await guest.waitUntilClosed();
		did.broke++;
	} else {
		await guest.leave();
		did.left++;
	}
	faults.push(...guest.faults);
}

/** A stranger whose login or resume fails. */
async function unauthenticated(stage: Stage): Promise<void> {
	const guest = new Guest(stage, "stranger");
	if (dice(2) === 0) guest.send({ type: "login", name: "eve" });
	else guest.send({ type: "resume", token: "0".repeat(32), seq: 0, private: 0 });
	if (dice(2) === 0) await guest.waitUntilClosed();
	else {
		guest.cut();
		// The server may not have seen its hello, so the client itself removes its key file.
		new KeyFolder(stage.keys).remove(guest.id);
	}
	did.refused++;
	await Bun.sleep(dice(100));
}

/** What the server uses when nobody is there. */
async function empty(stage: Stage) {
	let last = await usage(stage.server.pid);
	await eventually("everybody gone", async () => {
		await Bun.sleep(500);
		const now = await usage(stage.server.pid);
		const isStill = now.descriptors === last.descriptors;
		last = now;
		return isStill && (await stage.keyFiles()).length === 0;
	});
	// Longer than the grace, so that members whose connections were cut have left.
	await Bun.sleep(4000);
	return { ...(await usage(stage.server.pid)), keys: (await stage.keyFiles()).length };
}

async function live(stage: Stage, minutes: number): Promise<void> {
	const until = Date.now() + minutes * 60_000;
	async function again(live: () => Promise<void>): Promise<void> {
		while (Date.now() < until) await live();
	}
	const people = Array.from({ length: PEOPLE }, (_, i) => again(() => life(stage, `soak${i}`)));
	await Promise.all([...people, again(() => unauthenticated(stage))]);
}

/** Bytes of the room's file and of what is beside it. */
function fileBytes(): number {
	const size = (name: string): number =>
		statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
	return readdirSync(folder).reduce((sum, name) => sum + size(name), 0);
}

async function soak(): Promise<string[]> {
	await using stage = await Stage.open(...FLAGS);
	await live(stage, MINUTES * WARM_UP);
	const began = await empty(stage);
	let peak = 0;
	let largest = 0;
	const watch = setInterval(async () => {
		largest = Math.max(largest, fileBytes());
		peak = Math.max(peak, (await usage(stage.server.pid)).rss);
	}, 1000);
	await live(stage, MINUTES * (1 - WARM_UP));
	clearInterval(watch);
	const ended = await empty(stage);
	stage.server.kill();
	const code = await stage.server.exit();

	const mib = (bytes: number) => `${(bytes / MIB).toFixed(1)} MiB`;
	const counts = Object.entries(did).map(([what, times]) => `${what} ${times}`);
	console.log(`${MINUTES} min with ${PEOPLE} people: ${counts.join(", ")}`);
	console.log(`memory: ${mib(began.rss)}, ${mib(ended.rss)} at the end, ${mib(peak)} at most`);
	console.log(`descriptors: ${began.descriptors}, ${ended.descriptors} at the end`);
	console.log(`key files: ${began.keys}, ${ended.keys} at the end`);
	if (isKept) console.log(`room file: ${mib(largest)} at most`);
	const troubles = problemsIn(stage.server);
	const checks: [what: string, holds: boolean][] = [
		["memory did not come back", ended.rss - began.rss <= TOLERANCE],
		["descriptors did not come back", ended.descriptors === began.descriptors],
		["key files were left", began.keys === 0 && ended.keys === 0],
		["the room's file grew too large", largest <= MAX_FILE_BYTES],
		["the room's file was never there", largest > 0 === isKept],
		[`events went wrong: ${faults.slice(0, 5)}`, faults.length === 0],
		[`the server ended with ${code}`, code === 0],
		[`the server complained: ${troubles.slice(0, 5)}`, troubles.length === 0],
	];
	return checks.filter(([, holds]) => !holds).map(([what]) => what);
}

const wrong = await soak().finally(() => rmSync(folder, { recursive: true }));
for (const what of wrong) console.log(`FAIL ${what}`);
process.exit(wrong.length > 0 ? 1 : 0);
