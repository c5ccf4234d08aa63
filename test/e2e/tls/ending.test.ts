import { afterAll, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Authority, days, fingerprintOf, type Identity } from "../../support/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { Stage } from "../../support/programs.ts";
import { WallClock } from "../../support/wall-clock.ts";
import { save } from "./tls-stage.ts";

// The operator's certificate grows old while the server runs, and the log says so in time.

const DAY = 86_400;

const authority = await Authority.open();
const quarter = await authority.vouch("chat.test", days(-30), 90);
const next = await authority.vouch("chat.test", days(-1), 400);
const folder = await mkdtemp(join(tmpdir(), "fernet-chat-ending-"));
const [cert, key] = await save(folder, quarter);
const clock = new WallClock();
const flags = ["--tls-cert", cert, "--tls-key", key];
const stage = await Stage.openWith({ env: clock.env }, ...flags);
afterAll(async () => {
	await stage[Symbol.asyncDispose]();
	clock[Symbol.dispose]();
	await rm(folder, { recursive: true });
});

const { validFromDate, validToDate } = new X509Certificate(quarter.cert);
const start = validFromDate.toISOString();
const end = validToDate.toISOString();
const warnings = (): string[] =>
	[...stage.server.err.matchAll(/ warning: The certificate (.*)\n/g)].map(([, text = ""]) => text);

test("from two weeks before the end on, the log says so, and again when it has ended", async () => {
	const said: string[] = [];
	for (const [day, what] of [
		[46.5, `ends on ${end}, in 13 days. Renew it.`],
		[59.5, `ends on ${end}, in less than a day. Renew it.`],
		[63.5, `ended on ${end}, 3 days ago. Renew it.`],
		[-31, `is not valid before ${start}. Is this machine's clock right?`],
	] as const) {
		clock.set(day * DAY);
		said.push(`${cert} ${what}`);
		await stage.server.waitForOutput(what);
	}
	expect(warnings()).toEqual(said);
});

async function reload(identity: Identity): Promise<void> {
	const { length } = stage.server.err;
	await save(folder, identity);
	stage.server.kill("SIGHUP");
	const done = `The certificate was reloaded. Its fingerprint is ${fingerprintOf(identity)}\n`;
	await eventually(
		"a reload",
		() => stage.server.err.slice(length).includes(done),
		() => stage.server.err,
	);
}

test("one that was renewed is not spoken of, however late; one that was not, at each reload", async () => {
	clock.set(0);
	await reload(next);
	const { length } = warnings();
	for (const day of [0, 50, 300]) {
		clock.set(day * DAY);
		await reload(next);
	}
	expect(warnings()).toHaveLength(length);
	clock.set(50 * DAY);
	for (const repeated of [1, 2]) {
		await reload(quarter);
		const said = `${cert} ends on ${end}, in 9 days. Renew it.`;
		// The warning is a line of its own, which may come later than that of the reload.
		await eventually("a warning", () => warnings().length >= length + repeated);
		expect(warnings().slice(length)).toEqual(Array(repeated).fill(said));
	}
});
