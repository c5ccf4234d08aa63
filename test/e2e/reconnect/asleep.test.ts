import { afterAll, expect, test } from "bun:test";
import { FaultProxy } from "../../support/fault.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { type Bot, Stage } from "../../support/programs.ts";
import { WallClock } from "../../support/wall-clock.ts";

// A machine sleeps: its monotonic clock stands still, its wall clock does not, and a network in
// between forgets its connections without a word.

const MINUTE = 60;

const stage = await Stage.local();
const proxy = await FaultProxy.open(stage.port);
const clocks: WallClock[] = [];
afterAll(async () => {
	await proxy[Symbol.asyncDispose]();
	await stage[Symbol.asyncDispose]();
	for (const clock of clocks) clock[Symbol.dispose]();
});

/** A member whose machine can sleep. */
async function sleeper(name: string, port: number): Promise<{ bot: Bot; clock: WallClock }> {
	const clock = new WallClock();
	clocks.push(clock);
	const bot = stage.botProgram(name, PASSWORD, port, clock.env);
	await bot.waitFor({ type: "welcome" });
	return { bot, clock };
}

test("after a sleep a dead connection is noticed within seconds, and a live one is kept", async () => {
	const naps = await Promise.all(
		[10, MINUTE, 8 * 60 * MINUTE].map(async (seconds) => {
			const { bot, clock } = await sleeper(`asleep${seconds}`, proxy.port);
			return { bot, clock, seconds };
		}),
	);
	const live = await sleeper("live", stage.port);
	proxy.stall("up", "down");
	live.clock.set(8 * 60 * MINUTE);
	for (const { clock, seconds } of naps) clock.set(seconds);
	live.bot.say("missed");
	for (const { bot } of naps) {
		// Sooner than without a sleep, which takes 25 seconds: a test waits for ten.
		await bot.waitFor({ type: "offline" });
		await bot.waitFor({ type: "online", lost: 0 });
		await bot.waitFor({ type: "said", text: "missed" });
	}
	expect(live.bot.lines.filter(({ type }) => type === "offline")).toEqual([]);
});
