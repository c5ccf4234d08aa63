import { expect, test } from "bun:test";
import { FaultProxy, type Faults } from "../../support/fault.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { type Bot, Stage } from "../../support/programs.ts";

// A network that delays, splits and stalls, but breaks no connection.

const TEXTS = ["a", "two words", "\u{1f99c} parrot", "line\nline", '"quoted"', "€".repeat(300)];

/** What a bot received after its welcome, without "pending" and "joined". */
const story = ({ lines }: Bot): unknown[] =>
	lines.filter(({ type }) => type !== "welcome" && type !== "pending" && type !== "joined");

const words = (bot: Bot): unknown[] =>
	bot.lines.flatMap(({ type, text }) => (type === "said" || type === "told" ? [text] : []));

async function through(proxy: FaultProxy, stage: Stage, name: string): Promise<Bot> {
	const bot = stage.bot(name, PASSWORD, proxy.port);
	await bot.waitFor({ type: "welcome" });
	return bot;
}

const unkind: Record<string, Faults> = {
	"every byte on its own": { split: true },
	"late, and many lines at once": { delay: 40 },
	"late, and then every byte on its own": { delay: 40, split: true },
};

for (const [how, faults] of Object.entries(unkind)) {
	test(`${how}: nobody notices`, async () => {
		await using stage = await Stage.openWith({ isLocal: true, endsWhenEmpty: true });
		await using proxy = await FaultProxy.open(stage.port, () => faults);
		const ann = await through(proxy, stage, "ann");
		const bob = await through(proxy, stage, "bob");
		for (const text of TEXTS) {
			ann.say(text);
			bob.send({ type: "tell", to: "ann", text });
			bob.say(text);
		}
		ann.say("end");
		await ann.waitFor({ type: "said", text: "end" });
		bob.say("END");
		for (const bot of [ann, bob]) await bot.waitFor({ type: "said", text: "END" });
		expect(story(ann)).toEqual(story(bob));
		expect(story(ann)).toHaveLength(TEXTS.length * 3 + 2);
		for (const name of ["ann", "bob"]) {
			const own = ann.lines.filter(({ type, from }) => type === "said" && from === name);
			const last = name === "ann" ? "end" : "END";
			expect(own.map(({ text }) => text)).toEqual([...TEXTS, last]);
		}
		const told = ann.lines.filter(({ type }) => type === "told").map(({ text }) => text);
		expect(told).toEqual(TEXTS);
		bob.send({ type: "leave" });
		ann.endInput();
		expect([await bob.exit(), await ann.exit(), await stage.server.exit()]).toEqual([0, 0, 0]);
		expect(proxy.cuts).toBe(0);
	});
}

test("the way up stalled, then free: what was said comes late, once, and in order", async () => {
	await using stage = await Stage.local();
	await using proxy = await FaultProxy.open(stage.port);
	const ann = await through(proxy, stage, "ann");
	const bob = await stage.member("bob");
	proxy.stall("up");
	const late = Array.from({ length: 50 }, (_, index) => `late ${index}`);
	for (const text of late) ann.say(text);
	await ann.waitFor({ type: "pending", text: "late 49" });
	bob.say("meanwhile");
	// The way down still works.
	for (const bot of [ann, bob]) await bot.waitFor({ type: "said", text: "meanwhile" });
	expect([words(ann), words(bob)]).toEqual([["meanwhile"], ["meanwhile"]]);
	proxy.release();
	for (const bot of [ann, bob]) {
		await bot.waitFor({ type: "said", text: "late 49" });
		expect(words(bot)).toEqual(["meanwhile", ...late]);
	}
	expect(ann.lines.some(({ type }) => type === "offline" || type === "failed")).toBe(false);
});

test("the way down stalled, then free: what was said meanwhile comes late, once, and in order", async () => {
	await using stage = await Stage.local();
	await using proxy = await FaultProxy.open(stage.port);
	const ann = await through(proxy, stage, "ann");
	const bob = await stage.member("bob");
	await ann.waitFor({ type: "joined" });
	proxy.stall("down");
	const late = Array.from({ length: 50 }, (_, index) => `late ${index}`);
	for (const text of late) bob.say(text);
	await bob.waitFor({ type: "said", text: "late 49" });
	// The way up still works.
	ann.say("meanwhile");
	await bob.waitFor({ type: "said", text: "meanwhile" });
	expect(words(ann)).toEqual([]);
	proxy.release();
	await ann.waitFor({ type: "said", text: "meanwhile" });
	expect(words(ann)).toEqual([...late, "meanwhile"]);
	expect(words(bob)).toEqual(words(ann));
	expect(ann.lines.some(({ type }) => type === "offline" || type === "failed")).toBe(false);
});
