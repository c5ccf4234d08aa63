import { Guest, Unauthenticated, usage } from "../support/crowd.ts";
import { FLOOD_FLAGS, flood, MIB, SLACK, waitUntilReleased } from "../support/flood.ts";
import { Stage } from "../support/programs.ts";

// The load tests of `bun test` at full size: `bun test/long/load.ts`. Prints its figures; exits
// with 1 when a promise was not kept.

const SLEEPERS = 100;
const FLOOD = 200 * MIB;
const CONNECTIONS = 1000;

let kept = true;
const mib = (bytes: number): string => `${(bytes / MIB).toFixed(0)} MiB`;

function promise(what: string, holds: boolean): void {
	console.log(`${holds ? "ok  " : "FAIL"} ${what}`);
	kept &&= holds;
}

async function readers(): Promise<void> {
	console.log(`\n${SLEEPERS} stalled readers while ${mib(FLOOD)} of text are broadcast`);
	await using stage = await Stage.open(...FLOOD_FLAGS);
	const { before, during, base, peak, stalled, faults } = await flood(stage, FLOOD, SLEEPERS);
	for (const guest of stalled) await waitUntilReleased(stage, guest);
	const bound = base + SLEEPERS * MIB + SLACK;
	promise(`memory ${mib(base)}, at most ${mib(peak)}, bound ${mib(bound)}`, peak < bound);
	const [was, is] = [before.toFixed(2), during.toFixed(2)];
	promise(`a line's way and back, median: ${was} ms, then ${is} ms`, during < 3 * before + 20);
	promise(`${faults.length} events missing, twice or out of order`, faults.length === 0);
}

/** Milliseconds until a new member has joined, said something and received its echo. */
async function joining(stage: Stage, name: string): Promise<number> {
	const began = performance.now();
	await using guest = await Guest.join(stage, name);
	await guest.say("hello");
	const ms = performance.now() - began;
	await guest.leave();
	return ms;
}

async function unauthenticated(): Promise<void> {
	console.log(`\n${2 * CONNECTIONS} strangers: half say nothing, half a byte a second`);
	const flags = ["--max-strangers", "3000", "--max-per-address", "3000", "--hello-time", "60"];
	await using stage = await Stage.open(...flags);
	const alone = await joining(stage, "first");
	const { rss: base, descriptors } = await usage(stage.server.pid);
	await using idle = new Unauthenticated(stage.port, CONNECTIONS);
	await using slow = new Unauthenticated(stage.port, CONNECTIONS);
	await idle.waitUntilConnected();
	await slow.waitUntilConnected();
	const times: number[] = [];
	const hello = "FERNET-CHAT/1 0123456789abcdef";
	for (let i = 0; i < 5; i++) {
		slow.drip(hello, i);
		times.push(await joining(stage, `new${i}`));
		await Bun.sleep(1000 - (times.at(-1) ?? 0));
	}
	const { rss, descriptors: now } = await usage(stage.server.pid);
	const connected = idle.connected + slow.connected;
	promise(
		`${connected} connected, ${now - descriptors} descriptors`,
		connected === 2 * CONNECTIONS,
	);
	promise(`memory ${mib(base)}, then ${mib(rss)}`, rss < base + SLACK);
	const worst = Math.max(...times);
	promise(`in: ${alone.toFixed(0)} ms alone, then ${worst.toFixed(0)} ms at most`, worst < 1000);
}

await readers();
await unauthenticated();
process.exit(kept ? 0 : 1);
