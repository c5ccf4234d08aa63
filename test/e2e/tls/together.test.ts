import { describe, expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { FaultProxy } from "../../support/fault.ts";
import type { Bot } from "../../support/programs.ts";
import { TlsStage } from "./tls-stage.ts";

// Members over TLS and members in clear share one room without noticing.

const heard = (bot: Bot): unknown[] =>
	bot.lines.flatMap(({ type, from, text }) => (type === "said" ? [`${from}: ${text}`] : []));

const LINES = 300;
const texts = Array.from({ length: LINES }, (_, i) => `${i} ${"é€\u{1f99c}".repeat(i % 50)}`);

test("hundreds of lines both ways, long and short, arrive once and in one order", async () => {
	await using tls = await TlsStage.open();
	const ann = await tls.member("ann");
	const bob = await tls.stage.member("bob");
	for (const text of texts) {
		ann.say(text);
		bob.say(text);
	}
	for (const bot of [ann, bob]) {
		await eventually("all of it", () => heard(bot).length === 2 * LINES);
		for (const name of ["ann", "bob"]) {
			const own = heard(bot).filter((line) => String(line).startsWith(name));
			expect(own).toEqual(texts.map((text) => `${name}: ${text}`));
		}
	}
	expect(heard(ann)).toEqual(heard(bob));
	ann.send({ type: "tell", to: "bob", text: "for you" });
	expect(await bob.waitFor({ type: "told" })).toMatchObject({ from: "ann", text: "for you" });
});

describe("goodbyes", () => {
	test("last words arrive, the key goes, and both sides close", async () => {
		await using tls = await TlsStage.open();
		const bob = await tls.stage.member("bob");
		const ann = await tls.member("ann");
		ann.say("last words");
		ann.endInput();
		expect(await ann.exit()).toBe(0);
		expect(ann.lines.at(-1)).toMatchObject({ type: "closed", reason: "left" });
		await bob.waitFor({ type: "said", text: "last words" });
		await bob.waitFor({ type: "left", name: "ann" });
		await eventually("bob's key alone", async () => (await tls.stage.keyFiles()).length === 1);
	});

	test("a server that is stopped says so", async () => {
		await using tls = await TlsStage.open();
		const ann = await tls.member("ann");
		const bob = await tls.stage.member("bob", "--patience", "0");
		tls.stage.server.kill("SIGTERM");
		expect(await Promise.all([bob.exit(), tls.stage.server.exit()])).toEqual([0, 0]);
		await ann.waitFor({ type: "offline", code: "server_stopped" });
		expect(await tls.stage.keyFiles()).toEqual([]);
	});

	test("a connection that does not log in reads why it ends", async () => {
		await using tls = await TlsStage.open("--login-time", "1");
		const peer = await tls.greeting();
		expect(await peer.waitFor("closing")).toMatchObject({ code: "login_timeout" });
		await peer.waitUntilClosed();
	});

	test("a member whose connection ends without a goodbye is only away", async () => {
		await using tls = await TlsStage.open();
		const bob = await tls.stage.member("bob");
		const ann = await tls.peer("ann");
		await bob.waitFor({ type: "joined", name: "ann" });
		ann.end();
		await ann.waitUntilClosed();
		bob.say("still two");
		await bob.waitFor({ type: "said" });
		bob.send({ type: "who" });
		expect(await bob.waitFor({ type: "roster" })).toMatchObject({ members: [{}, {}] });
	});
});

for (const how of ["reset", "fin", "half"] as const) {
	test(`a connection that ends by ${how} comes back over TLS, and has missed nothing`, async () => {
		await using tls = await TlsStage.open();
		await using proxy = await FaultProxy.open(tls.port);
		const address = `127.0.0.1:${proxy.port}#${tls.fingerprint}`;
		const ann = await tls.member("ann", address);
		const bob = await tls.stage.member("bob");
		await ann.waitFor({ type: "joined" });
		proxy.refuses = true;
		proxy.cut(how);
		await ann.waitFor({ type: "offline" });
		ann.say("from ann");
		bob.say("from bob");
		await bob.waitFor({ type: "said", text: "from bob" });
		proxy.refuses = false;
		expect(await ann.waitFor({ type: "online" })).toEqual({ type: "online", lost: 0 });
		for (const bot of [ann, bob]) {
			await bot.waitFor({ type: "said", text: "from ann" });
			expect(heard(bot)).toEqual(["bob: from bob", "ann: from ann"]);
		}
		expect(tls.stage.logins).toHaveLength(2);
	});
}

test("every byte on its own, both ways: the handshake and all that follows arrive", async () => {
	await using tls = await TlsStage.open();
	await using proxy = await FaultProxy.open(tls.port, () => ({ split: true }));
	const ann = await tls.member("ann", `127.0.0.1:${proxy.port}#${tls.fingerprint}`);
	for (const text of texts.slice(0, 20)) ann.say(text);
	await eventually("all of it", () => heard(ann).length === 20);
	expect(heard(ann)).toEqual(texts.slice(0, 20).map((text) => `ann: ${text}`));
});
