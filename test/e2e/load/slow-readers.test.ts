import { afterAll, beforeAll, expect, test } from "bun:test";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { Unauthenticated } from "../../support/crowd.ts";
import { eventually } from "../../support/eventually.ts";
import { MIB } from "../../support/flood.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { noise } from "../../support/noise.ts";
import type { Peer } from "../../support/peer.ts";
import { UnreadClient } from "../../support/unread-client.ts";
import { TlsStage } from "../tls/tls-stage.ts";

// Our own client, too slow for a room that talks: its person reads why the connection ended.

const TOO_SLOW = reason("too_slow").text;
const FLAGS = [
	...["--queue-bytes", String(MIB), "--log-bytes", String(64 * MIB)],
	...["--message-rate", "1000000", "--message-burst", "1000000"],
];

let tls: TlsStage;
let loud: Peer;

beforeAll(async () => {
	tls = await TlsStage.open(...FLAGS);
	loud = await tls.peer("loud");
});

afterAll(() => tls[Symbol.asyncDispose]());

/** Talks until the server has let go of this many readers. */
async function talkUntilSlow(readers: number): Promise<void> {
	const said = () => loud.messages.filter(({ type }) => type === "said").length;
	const slow = () => tls.stage.server.err.match(/\btoo_slow\b/g)?.length ?? 0;
	const enough = slow() + readers;
	for (let count = said() + 50; slow() < enough; count += 50) {
		expect(count).toBeLessThan(5000);
		for (let i = 0; i < 50; i++) {
			loud.send({ type: "say", id: crypto.randomUUID(), text: noise(8192) });
		}
		await eventually("echoes", () => said() === count);
	}
}

test("too_slow reaches its person, long after the server has hung up on others; they miss nothing", async () => {
	const { stage } = tls;
	const bot = await stage.memberProgram("bot");
	const email = ["--email", "person@gmail.com"];
	const person = await tls.person("person", tls.invitation, email, {}, true);
	await person.waitForText("Password");
	person.type(`${PASSWORD}\r`);
	await person.waitForText("Also here");
	await using unread = await UnreadClient.start("unread", ...stage.clientArgs("--plain"));
	await unread.readUntil("You are unread");
	// The bot sleeps in clear, the person's client over TLS; the third is awake, but its output is full.
	for (const sleeper of [bot, person]) sleeper.kill("SIGSTOP");
	await talkUntilSlow(3);
	// Somebody else who does not close its side is cut before they wake up.
	await using stranger = new Unauthenticated(stage.port, 1, { stay: true });
	await stranger.waitUntilConnected();
	stranger.drip("\n", 0);
	await eventually("a cut", () => stranger.closed === 1);

	for (const sleeper of [bot, person]) sleeper.kill("SIGCONT");
	expect(await bot.waitFor({ type: "offline" })).toEqual({
		...{ type: "offline", code: "too_slow", text: TOO_SLOW },
	});
	expect(await bot.waitFor({ type: "online" })).toEqual({ type: "online", lost: 0 });
	for (const text of [`${TOO_SLOW} Reconnecting.`, "Connected again. You missed nothing."]) {
		// What comes after it may have scrolled it out of the terminal.
		await eventually(text, () => person.written.includes(text));
		await unread.readUntil(text);
	}
	// They would take what the next test says, and show it.
	for (const reader of [bot, person]) reader.kill("SIGKILL");
});

test("a server that stops does not wait longer for a reader that was too slow", async () => {
	const sleeper = await tls.peer("sleeper");
	sleeper.stall();
	await talkUntilSlow(1);
	tls.stage.server.kill("SIGTERM");
	const stopped = Date.now();
	await tls.stage.server.exit();
	// The client that was too slow would have had 30 seconds.
	expect(Date.now() - stopped).toBeLessThan(15_000);
});
