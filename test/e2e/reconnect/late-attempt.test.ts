import { expect, test } from "bun:test";
import { PASSWORD } from "../../support/mailbox.ts";
import { type Bot, Stage } from "../../support/programs.ts";
import { TlsStage } from "../tls/tls-stage.ts";
import { FIRST_WORDS, LateProxy } from "./late-proxy.ts";

// An attempt to come back that its client has given up reaches the server all the same, and takes
// the place of the newer one.

/** What of the late attempt arrives in time. In clear, its key file is gone soon after. */
const HELLO = 1;
const ALL = Number.POSITIVE_INFINITY;

/** Ann's connection breaks; her second attempt to come back overtakes the first one. */
async function overtake(proxy: LateProxy, words: number, ann: Bot, bob: Bot): Promise<void> {
	(await proxy.connection(0)).cut();
	const late = await proxy.connection(1);
	await late.waitUntilSent(words);
	// Once the server answers somebody else, it has read the hello that came before, and the key.
	bob.say("on its way");
	await bob.waitFor({ type: "said", text: "on its way" });
	late.cut();
	const newer = await proxy.connection(2);
	// With her `ping` held back, the server does not know that she has her new token.
	await newer.waitUntilSent(words + 1);
	bob.say("in between");
	await ann.waitFor({ type: "said", text: "in between" });
	late.release();
	await proxy.connection(3);
	bob.say("after");
	await ann.waitFor({ type: "said", text: "after" });
}

const texts = (bot: Bot): unknown[] =>
	bot.lines.filter(({ type }) => type === "said").map(({ text }) => text);

function expectUnharmed(ann: Bot, bob: Bot): void {
	expect(texts(ann)).toEqual(["before", "on its way", "in between", "after", "from ann"]);
	expect(texts(bob)).toEqual(texts(ann));
	expect(ann.lines.filter(({ type }) => type === "online")).toEqual([
		{ type: "online", lost: 0 },
		{ type: "online", lost: 0 },
	]);
	expect(ann.lines.map(({ type }) => type)).not.toContain("closed");
	expect(bob.lines.filter(({ type }) => type === "left")).toEqual([]);
}

async function talkThrough(proxy: LateProxy, words: number, ann: Bot, bob: Bot): Promise<void> {
	bob.say("before");
	await ann.waitFor({ type: "said", text: "before" });
	await overtake(proxy, words, ann, bob);
	ann.say("from ann");
	await bob.waitFor({ type: "said", text: "from ann" });
	await ann.waitFor({ type: "said", text: "from ann" });
	expectUnharmed(ann, bob);
}

test("an attempt that arrives late costs its member nothing, in clear", async () => {
	const words = FIRST_WORDS.clear;
	await using stage = await Stage.local();
	await using proxy = await LateProxy.open(stage.port, "clear", [ALL, HELLO, words]);
	const bob = await stage.member("bob");
	const ann = stage.bot("ann", PASSWORD, proxy.port);
	await ann.waitFor({ type: "welcome" });
	await talkThrough(proxy, words, ann, bob);
	expect(stage.logins).toHaveLength(2);
});

test("an attempt that arrives late costs its member nothing, over TLS", async () => {
	const words = FIRST_WORDS.tls;
	await using tls = await TlsStage.open();
	await using proxy = await LateProxy.open(tls.port, "tls", [ALL, 0, words]);
	const bob = await tls.stage.member("bob");
	const ann = await tls.member("ann", `127.0.0.1:${proxy.port}#${tls.fingerprint}`);
	await talkThrough(proxy, words, ann, bob);
	expect(tls.stage.logins).toHaveLength(2);
});

test("a login from elsewhere ends the earlier visit, even before its first pong", async () => {
	const words = FIRST_WORDS.clear;
	await using stage = await Stage.local();
	await using proxy = await LateProxy.open(stage.port, "clear", [ALL, words]);
	const ann = stage.bot("ann", PASSWORD, proxy.port);
	await ann.waitFor({ type: "welcome" });
	(await proxy.connection(0)).cut();
	await (await proxy.connection(1)).waitUntilSent(words + 1);
	await ann.waitFor({ type: "online" });
	await stage.member("ann");
	// It comes back once more, and learns that its place is gone.
	expect(await ann.waitFor({ type: "closed" })).toMatchObject({ reason: "replaced" });
	expect(await ann.exit()).toBe(3);
});
