#!/usr/bin/env bun
// A stranger asks for codes, in pairs, for an account on the guest list and for one that is not, and
// times other answers after each: a coin tells the two apart as often. Usage: bun
// test/long/timing.ts [PAIRS]

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Peer } from "../support/peer.ts";
import { MAILER, Program } from "../support/programs.ts";

const pairs = Number(process.argv[2] ?? 1000);
/** Of all pairs, how many may be told apart. */
const MAX_SHARE = 0.55;
/** Answers that are timed after each request. */
const PROBES = 6;
/** Milliseconds in which the server reads the keys, and in which one of its four places to mail is free again. */
const [READING, MAILING] = [90, 800];

const keys = mkdtempSync(join(tmpdir(), "fernet-chat-timing-"));
// In a process of its own: what it does must not delay our own clock.
const mailbox = new Program("test/support/mailbox-program.ts", [], {});
await mailbox.waitForOutput("\n");
const { url, trust } = JSON.parse(mailbox.out);
const place = ["--port", "0", "--keys", keys, "--state", join(keys, "state")];
const mailing = ["--smtp", url, "--mailer", url, "--allow", "@listed.example", "--stay"];
const limits = ["--codes", "100000", "--address-codes", "100000", "--address-logins", "100000"];
const server = new Program("server.ts", [...place, ...mailing, ...limits], { ...trust, ...MAILER });
await server.waitForOutput("listens on");
const port = Number(/listens on \S+:(\d+)/.exec(server.out)?.[1]);

async function answered(peer: Peer): Promise<void> {
	while (peer.received === "") await new Promise((resolve) => setImmediate(resolve));
}

/** Asks for a code; returns the milliseconds that the answers after it took. */
async function timeAfter(email: string): Promise<number> {
	await using things = new AsyncDisposableStack();
	const stage = { port, keys, tidy: (peer: Peer) => things.use(peer) };
	const asker = Peer.greeting(stage);
	const probes = Array.from({ length: PROBES }, () => Peer.greeting(stage));
	await Bun.sleep(READING);
	asker.send({ type: "request_code", email });
	await answered(asker);
	const began = performance.now();
	for (const probe of probes) {
		probe.send({ type: "login_methods" });
		await answered(probe);
	}
	const took = performance.now() - began;
	await Bun.sleep(MAILING);
	return took;
}

let apart = 0;
for (let i = 0; i < pairs; i++) {
	const emails = [`n${i}@listed.example`, `n${i}@other.example`];
	const isSwapped = i % 2 === 1;
	const [one = 0, two = 0] = [
		await timeAfter(emails[isSwapped ? 1 : 0] ?? ""),
		await timeAfter(emails[isSwapped ? 0 : 1] ?? ""),
	];
	if (isSwapped ? two > one : one > two) apart++;
}
await server[Symbol.asyncDispose]();
await mailbox[Symbol.asyncDispose]();
rmSync(keys, { recursive: true });
// One that is wrong as often as that is right when turned round.
const share = Math.max(apart, pairs - apart) / pairs;
console.log(`${apart} of ${pairs} pairs told apart`);
process.exit(share <= MAX_SHARE ? 0 : 1);
