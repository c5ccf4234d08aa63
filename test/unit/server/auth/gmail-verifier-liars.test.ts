import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect, createServer, type Socket } from "node:net";
import { listen } from "../../../support/listen.ts";
import { certificate } from "../../../support/mailbox-certificate.ts";
import {
	type Answer,
	EHLO,
	GREETING,
	type Script,
	ScriptedMailbox,
	secretsIn,
	silence,
	Verifier,
	WILLING,
} from "../../../support/scripted-mailbox.ts";

const identity = await certificate();
let verifier: Verifier;
beforeAll(async () => {
	verifier = await Verifier.start(identity);
});
afterAll(() => verifier[Symbol.asyncDispose]());

/** Milliseconds for a whole login, and some slack for a busy machine. */
const gmailTime = 1000;
const LITTLE = 1500;

/** Asks, and expects in time a refusal that decides nothing, and a closed connection. */
async function expectUnreachable(url: string, mailbox?: ScriptedMailbox): Promise<void> {
	const answer = await verifier.ask(url, { gmailTime });
	const start = performance.now();
	expect(answer.result).toMatchObject({
		accepted: false,
		code: "gmail_unreachable",
		text: expect.stringMatching(/not checked.*again later/),
	});
	expect(answer.took).toBeLessThan(gmailTime + LITTLE);
	expect(secretsIn(JSON.stringify(answer))).toEqual([]);
	await mailbox?.waitUntilLeft();
	expect(performance.now() - start).toBeLessThan(LITTLE);
}

/** Says something again and again, for as long as anybody listens. */
const repeat =
	(interval: number, next: () => string): Answer =>
	(socket: Socket) => {
		const timer = setInterval(() => socket.write(next()), interval);
		socket.on("close", () => clearInterval(timer));
	};

/** Says a line letter by letter, slowly enough to be late, quickly enough for no timeout. */
function drip(line: string): Answer {
	const letters = [...line, "\r", "\n"];
	return repeat(300, () => letters.shift() ?? "");
}

const hangUp: Answer = (socket) => socket.end();
const sayAndHangUp =
	(text: string): Answer =>
	(socket) =>
		socket.end(text);

// A mailbox that is late, or that never stops, at each step.
const LATE: [string, Script][] = [
	["says nothing at all", { greeting: silence }],
	["says nothing to EHLO", { ehlo: silence }],
	["says nothing to AUTH", { auth: silence }],
	["drips its greeting", { greeting: drip(GREETING) }],
	["drips its answer to EHLO", { ehlo: drip(EHLO) }],
	["drips its answer to AUTH", { auth: drip("235 2.7.0 Accepted") }],
	["never ends its greeting", { greeting: repeat(50, () => "220-still here\r\n") }],
	["never ends its answer to AUTH", { auth: repeat(50, () => "235-2.7.0 Accepted\r\n") }],
	["asks for more and more", { auth: "334 ", other: "334 " }],
	["greets with a line of 8 MB", { greeting: "220 ".padEnd(8 * 1024 * 1024, "x") }],
	["floods", { ehlo: repeat(1, () => "250-SIZE 35882577\r\n".repeat(5000)) }],
];

test.concurrent.each(LATE)("a mailbox that %s", async (_, script) => {
	await using mailbox = await ScriptedMailbox.open({ ...WILLING, ...script }, { tls: identity });
	await expectUnreachable(`smtps://localhost:${mailbox.port}`, mailbox);
	if (!script.auth) expect(secretsIn(mailbox.sealed)).toEqual([]);
});

/** Milliseconds: longer than a mail library waits for one step unless it is told to. */
const SLOW = 10_500;
const later =
	(line: string): Answer =>
	(socket) =>
		setTimeout(() => socket.write(`${line}\r\n`), SLOW);

// A mailbox that is slow at one step, and still in time.
const SLOW_STEPS: [string, Script][] = [
	["greets slowly", { greeting: later(GREETING) }],
	["answers EHLO slowly", { ehlo: later(EHLO) }],
	["answers AUTH slowly", { auth: later("235 2.7.0 Accepted") }],
];

async function expectSlowSuccess(url: string): Promise<void> {
	const { result, took } = await verifier.ask(url, { gmailTime: 3 * SLOW });
	expect(result).toEqual({ accepted: true });
	expect(took).toBeGreaterThan(SLOW - 10);
}

test.concurrent.each(SLOW_STEPS)("a mailbox that %s is waited for", async (_, script) => {
	await using mailbox = await ScriptedMailbox.open({ ...WILLING, ...script }, { tls: identity });
	await expectSlowSuccess(`smtps://localhost:${mailbox.port}`);
});

test.concurrent("a mailbox that begins TLS slowly is waited for", async () => {
	await using mailbox = await ScriptedMailbox.open(WILLING, { tls: identity });
	await using way = createServer({ pauseOnConnect: true }, (socket) => {
		setTimeout(() => socket.pipe(connect(mailbox.port, "127.0.0.1")).pipe(socket), SLOW);
	});
	await expectSlowSuccess(`smtps://localhost:${await listen(way)}`);
});

// Answers that are no success, although nothing in them says that they are a failure.
const EVASIVE: [string, Script][] = [
	["offers no AUTH", { ehlo: "250-mx.test\r\n250 SIZE 35882577" }],
	["hangs up on whoever comes", { greeting: hangUp }],
	["hangs up on EHLO", { ehlo: hangUp }],
	["hangs up on AUTH", { auth: hangUp }],
	["hangs up in the middle of a success", { auth: sayAndHangUp("235 2.7.0 Acc") }],
	["hangs up before the last line of a success", { auth: sayAndHangUp("235-2.7.0 Accepted\r\n") }],
	["answers AUTH with some other success", { auth: "250 2.0.0 OK" }],
	["answers AUTH before it is asked", { ehlo: `${EHLO}\r\n250 2.0.0 OK`, auth: silence }],
	["says yes to everything", { ehlo: "502 5.5.1 EHLO?", helo: "250 mx.test", auth: "250 ok" }],
	["speaks another language", { greeting: "HTTP/1.1 400 Bad Request", other: "\0\0\0" }],
];

test.concurrent.each(EVASIVE)("a mailbox that %s", async (_, script) => {
	await using mailbox = await ScriptedMailbox.open({ ...WILLING, ...script }, { tls: identity });
	await expectUnreachable(`smtps://localhost:${mailbox.port}`, mailbox);
	if (!script.auth) expect(secretsIn(mailbox.sealed)).toEqual([]);
});

test.concurrent("a mailbox that never begins TLS", async () => {
	await using mailbox = await ScriptedMailbox.open({ greeting: silence });
	await expectUnreachable(`smtps://localhost:${mailbox.port}`, mailbox);
});

test.concurrent("a mailbox that agrees to STARTTLS and never begins it", async () => {
	const ehlo = "250-mx.test\r\n250 STARTTLS";
	await using mailbox = await ScriptedMailbox.open({ ...WILLING, ehlo, starttls: "220 Ready" });
	await expectUnreachable(`smtp://localhost:${mailbox.port}`, mailbox);
	expect(secretsIn(mailbox.clear)).toEqual([]);
});

test.concurrent("nobody listens", async () => {
	const mailbox = await ScriptedMailbox.open(WILLING);
	const { port } = mailbox;
	await mailbox[Symbol.asyncDispose]();
	await expectUnreachable(`smtps://localhost:${port}`);
});

test.concurrent("a name that cannot be looked up", async () => {
	// A part of a host name must be shorter than this, so no name server is asked.
	await expectUnreachable(`smtps://${"a".repeat(64)}.test`);
});

test.each<[string, Script, number]>([
	["was accepted", {}, 60_000],
	["was refused", { auth: "535 5.7.8 no" }, 60_000],
	["came too late", { auth: silence }, 200],
])("a login that %s leaves nothing that keeps the process", async (_, script, gmailTime) => {
	await using mailbox = await ScriptedMailbox.open({ ...WILLING, ...script }, { tls: identity });
	await using verifier = await Verifier.start(identity);
	await verifier.ask(`smtps://localhost:${mailbox.port}`, { gmailTime });
	const start = performance.now();
	expect(await verifier.exit()).toBe(0);
	expect(performance.now() - start).toBeLessThan(LITTLE);
});
