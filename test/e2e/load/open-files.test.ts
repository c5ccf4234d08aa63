import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { KeyFolder } from "../../../lib/wire/keys/key-folder.ts";
import { Guest, Unauthenticated } from "../../support/crowd.ts";
import { eventually } from "../../support/eventually.ts";
import type { RunningServer } from "../../support/local-server.ts";
import { entriesIn, waitForEntry } from "../../support/log.ts";
import { Peer } from "../../support/peer.ts";
import { Program, Stage } from "../../support/programs.ts";
import { TlsStage } from "../tls/tls-stage.ts";

// The system lets the server open fewer files than its limits would need.

/** Of 100 files, 64 are the server's own, and each stranger may need two, or four with a page. */
const FILES = 100;
const ROOMS = [
	{ port: "the room's port", isPaged: false, members: 18, strangers: 9, wanted: 1576 },
	{ port: "the page's port", isPaged: true, members: 20, strangers: 4, wanted: 2088 },
];

/** Milliseconds of processor time that a process has used; the kernel counts in hundredths. */
function busyTime({ pid }: RunningServer): number {
	const afterName = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1] ?? "";
	const [user, system] = afterName.split(" ").slice(11, 13);
	return 10 * (Number(user) + Number(system));
}

/** Waits until a program has hardly done anything for half a second. */
async function waitUntilQuiet(program: RunningServer): Promise<void> {
	const sample = () => ({ at: performance.now(), busy: busyTime(program) });
	let last = sample();
	await eventually("a quiet half second", () => {
		const now = sample();
		if (now.at - last.at < 500) return false;
		const share = (now.busy - last.busy) / (now.at - last.at);
		last = now;
		return share < 0.2;
	});
}

const filesOf = ({ pid }: RunningServer): number => readdirSync(`/proc/${pid}/fd`).length;

test.each(ROOMS)(
	"a server that may open few files says so, takes as many as it can, and is not worn out at $port",
	async (room) => {
		const { isPaged, members: most, strangers, wanted } = room;
		const limited = ["prlimit", `--nofile=${FILES}`];
		await using stage = await Stage.openWith({ within: limited, isPaged }, "--log", "json");
		const { server } = stage;
		const { text } = await waitForEntry(server, { event: "warning" });
		expect(text).toBe(
			`This process may open only ${FILES} files, so at most ${most} members and ${strangers} strangers can connect. Raise it to ${wanted} (ulimit -n, or LimitNOFILE= in a systemd unit), or lower --max-members, --max-strangers and --gmail-checks.`,
		);

		await using members = new AsyncDisposableStack();
		const guests: Guest[] = [];
		for (let i = 0; i < most; i++) {
			guests.push(members.use(await Guest.join(stage, `guest${i}`)));
		}
		const late = stage.bot("late");
		expect(await late.exit()).not.toBe(0);
		expect(late.lines).toMatchObject([{ type: "denied", code: "busy" }]);

		// They keep their side open for as long as the server lets them.
		const where = isPaged ? Number(stage.url.port) : stage.port;
		await using crowd = new Unauthenticated(where, 3 * FILES, { stay: true });
		let peak = 0;
		await eventually("most are sent away", () => {
			peak = Math.max(peak, filesOf(server));
			return crowd.closed > FILES;
		});
		expect(peak).toBeLessThan(FILES);
		await waitUntilQuiet(server);
		const [ann, bob] = guests as [Guest, Guest];
		const { heard } = bob;
		await ann.say("still here");
		await eventually("what ann says", () => bob.heard > heard);
		expect(filesOf(server)).toBeLessThan(FILES);
		expect(guests.flatMap(({ faults }) => faults)).toEqual([]);

		await ann.leave();
		await crowd[Symbol.asyncDispose]();
		await stage.member("late");
		expect(entriesIn(server).filter(({ event }) => event === "error")).toEqual([]);
	},
);

test("a server that may open too few files for a room does not start, and says what to do", async () => {
	await using server = new Program("server.ts", ["--port", "0"], {}, ["prlimit", "--nofile=70"]);
	expect(await server.exit()).toBe(1);
	expect(server.err).toStartWith(
		"This process may open only 70 files, too few for a room. Raise it",
	);
});

/** Lets a running program open only so many files more. */
function leaveFiles({ pid }: RunningServer, count: number): void {
	const used = new Set(readdirSync(`/proc/${pid}/fd`));
	const free = Array.from({ length: used.size + count + 1 }, (_, n) => `${n}`);
	const limit = free.filter((number) => !used.has(number))[count];
	const { success } = Bun.spawnSync(["prlimit", "--pid", `${pid}`, `--nofile=${limit}:`]);
	expect(success).toBe(true);
}

test("where a key file cannot be opened for want of files, the log says so, and no client is blamed", async () => {
	await using tls = await TlsStage.program("--log", "json");
	const { server } = tls.stage;
	// The runtime reads its certificate authorities at the first use of TLS.
	await tls.peer("ann");
	await eventually("ann in the log", () =>
		entriesIn(server).some(({ event }) => event === "joined"),
	);
	const ways: [name: string, what: string, open: () => Promise<Peer>][] = [
		["over TLS", "save", () => tls.caller()],
		["in clear", "read", async () => tls.stage.tidy(new Peer(tls.port))],
		["in clear, again", "read", async () => tls.stage.tidy(new Peer(tls.port))],
	];
	const before = filesOf(server);
	for (const [name, what, open] of ways) {
		const { length } = entriesIn(server);
		// Otherwise the last connection would give its own back.
		await eventually("the last connection gone", () => filesOf(server) <= before);
		// The connection takes the last one.
		leaveFiles(server, 1);
		const peer = await open();
		if (what === "read") new KeyFolder(tls.stage.keys).save(peer.id, peer.key);
		peer.line(`FERNET-CHAT/1 ${peer.id}${what === "save" ? ` ${peer.key}` : ""}`);
		expect([name, await peer.waitUntilClosed()]).toEqual([
			name,
			expect.stringMatching(/^FERNET-CHAT\/1 error busy The server .*\n$/),
		]);
		await eventually("the end in the log", () =>
			entriesIn(server)
				.slice(length)
				.some(({ event }) => event === "dropped"),
		);
		expect(entriesIn(server).slice(length)).toMatchObject([
			{
				event: "warning",
				text: expect.stringMatching(new RegExp(`could not ${what} a session key: .*EMFILE`)),
			},
			{ event: "dropped", code: "busy" },
		]);
	}
	leaveFiles(server, 100);
	await tls.peer("bob");
});
