import { FaultProxy } from "../../support/fault.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { type Bot, Stage } from "../../support/programs.ts";

// Checks too slow for a test: a client notices silence, and the others see an absence.

/** Milliseconds after which a check gives up waiting. */
const LATEST = 60_000;

/** Measured times in seconds, and whether they meet the requirements. */
export interface Patience {
	/** From the moment that nothing passes either way until the client says so. */
	noticed: number;
	/** From the break of a connection until the others are told. */
	away: number;
	isRight: boolean;
}

export async function patience(): Promise<Patience> {
	const [noticed, away] = await Promise.all([halfOpen(), absence()]);
	const isRight = noticed.isMended && noticed.seconds <= 30 && away.isBack && away.seconds >= 10;
	return { noticed: noticed.seconds, away: away.seconds, isRight };
}

/** A connection that stalls without an end: only the silence tells the client. */
async function halfOpen(): Promise<{ seconds: number; isMended: boolean }> {
	await using stage = await Stage.local();
	await using proxy = await FaultProxy.open(stage.port);
	const ann = stage.bot("ann", PASSWORD, proxy.port);
	await ann.waitFor({ type: "welcome" });
	const bob = await stage.member("bob");
	await ann.waitFor({ type: "joined" });
	proxy.stall("up", "down");
	const stalled = performance.now();
	bob.say("missed");
	await tells(ann, "offline");
	const seconds = (performance.now() - stalled) / 1000;
	await tells(ann, "online");
	const isMended = (await tells(ann, "said")) && stage.logins.length === 2;
	return { seconds, isMended };
}

/** The others are told that a member is away, but not at once, and never that it left. */
async function absence(): Promise<{ seconds: number; isBack: boolean }> {
	await using stage = await Stage.local();
	await using proxy = await FaultProxy.open(stage.port);
	const ann = stage.bot("ann", PASSWORD, proxy.port);
	await ann.waitFor({ type: "welcome" });
	const bob = await stage.member("bob");
	proxy.refuses = true;
	proxy.cut();
	const broken = performance.now();
	await tells(bob, "away");
	const seconds = (performance.now() - broken) / 1000;
	proxy.refuses = false;
	await tells(bob, "back");
	const heard = bob.lines.map(({ type, name }) => `${type} ${name}`);
	return { seconds, isBack: Bun.deepEquals(heard, ["welcome bob", "away ann", "back ann"]) };
}

async function tells(bot: Bot, type: string): Promise<boolean> {
	const deadline = Date.now() + LATEST;
	while (Date.now() < deadline) {
		if (bot.lines.some((line) => line.type === type)) return true;
		await Bun.sleep(50);
	}
	return false;
}
