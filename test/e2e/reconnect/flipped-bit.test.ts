import { expect, test } from "bun:test";
import { FaultProxy } from "../../support/fault.ts";
import { waitForEntry } from "../../support/log.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { type Bot, Stage } from "../../support/programs.ts";

// A network that changes what it carries costs a member its connection, and nothing else.

const texts = (bot: Bot): unknown[] =>
	bot.lines.flatMap(({ type, text }) => (type === "said" ? [text] : []));

/** What follows when one bit of ann's line, or of its echo, is not what was sent. */
async function flip(way: "up" | "down"): Promise<{ stage: Stage; ann: Bot } & AsyncDisposable> {
	const stage = await Stage.local("--log", "json");
	const proxy = stage.tidy(await FaultProxy.open(stage.port));
	const bob = await stage.member("bob");
	const ann = stage.bot("ann", PASSWORD, proxy.port);
	await ann.waitFor({ type: "welcome" });
	ann.say("before");
	await ann.waitFor({ type: "said", text: "before" });
	proxy.flip(way);
	ann.say("flipped");
	await ann.waitFor({ type: "online", lost: 0 });
	ann.say("after");
	for (const bot of [ann, bob]) {
		await bot.waitFor({ type: "said", text: "after" });
		expect(texts(bot)).toEqual(["before", "flipped", "after"]);
	}
	const told = ann.lines.map(({ type }) => type).filter((type) => type !== "said");
	expect(told).toEqual(["welcome", "pending", "pending", "offline", "online", "pending"]);
	expect(bob.lines.filter(({ type }) => type === "left")).toEqual([]);
	expect(stage.logins).toHaveLength(2);
	return { stage, ann, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

test("a bit flips on the way up: the server ends the connection, the client comes back, and its line is said once", async () => {
	await using after = await flip("up");
	await waitForEntry(after.stage.server, { event: "offline", name: "ann", code: "bad_token" });
});

test("a bit flips on the way down: the client ends the connection and comes back, and its line was said once", async () => {
	await using after = await flip("down");
	await waitForEntry(after.stage.server, { event: "offline", name: "ann", code: "broken" });
});
