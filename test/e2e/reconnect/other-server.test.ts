import { afterAll, beforeAll, expect, test } from "bun:test";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { FaultProxy, type Faults } from "../../support/fault.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { Bot, Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";
import { RESUME, ScriptedServer } from "./scripted-server.ts";

// A client that knows several addresses comes back at another one. Here all lead to one server.

let stage: Stage;
beforeAll(async () => {
	stage = await Stage.local();
});
afterAll(() => stage[Symbol.asyncDispose]());

const at = (...proxies: FaultProxy[]): string =>
	proxies.map(({ port }) => `127.0.0.1:${port}`).join();
const who = (name: string): string[] => ["--name", name, "--email", addressOf(name)];

function start(name: string, address: string, ...flags: string[]): Bot {
	const args = [address, "--keys", stage.keys, ...who(name), ...flags];
	return Bot.local(args, { FERNET_CHAT_PASSWORD: PASSWORD });
}

function shut(proxy: FaultProxy): void {
	proxy.refuses = true;
	proxy.cut();
}

test.concurrent("a bot goes on at the next address, and from there at the first again: nothing is missed", async () => {
	await using a = await FaultProxy.open(stage.port);
	await using b = await FaultProxy.open(stage.port);
	await using c = await FaultProxy.open(stage.port);
	await using ann = start("ann", at(a, b, c));
	await ann.waitFor({ type: "welcome", server: at(a) });
	const bob = await stage.member("bob");
	expect(bob.lines[0]).not.toHaveProperty("server");
	b.refuses = true;
	shut(a);
	expect(await ann.waitFor({ type: "online" })).toEqual({ type: "online", lost: 0, server: at(c) });
	bob.say("between");
	a.refuses = false;
	shut(c);
	expect(await ann.waitFor({ type: "online", server: at(a) })).toMatchObject({ lost: 0 });
	await ann.waitFor({ type: "said", text: "between" });
	c.refuses = false;
	// It is the one that ann was with, and it is there.
	a.cut();
	const onlines = () => ann.lines.filter(({ type }) => type === "online");
	await eventually("a third return", () => onlines().length === 3);
	expect(onlines().at(-1)).toMatchObject({ lost: 0, server: at(a) });
	ann.say("after");
	await bob.waitFor({ type: "said", text: "after" });
	expect(stage.logins.filter((email) => email === addressOf("ann"))).toHaveLength(1);
});

test.concurrent("a person reads where they are now", async () => {
	await using a = await FaultProxy.open(stage.port);
	await using b = await FaultProxy.open(stage.port);
	const args = [at(a, b), "--keys", stage.keys, ...who("cid")];
	const env = { FERNET_CHAT_PASSWORD: PASSWORD };
	await using screen = new Screen("client.ts", args, { env, cols: 100, rows: 30, isLocal: true });
	await screen.waitForText("You are cid");
	screen.type("a draft");
	shut(a);
	await screen.waitForText(`Connected again, at ${at(b)}. You missed nothing.`);
	await screen.waitForText(/to all> a draft/);
	screen.type("\x15\x04");
	expect(await screen.exit()).toBe(0);
});

test.concurrent("a server that accepts and never answers does not keep a member from the next one", async () => {
	let faults: Faults = {};
	await using a = await FaultProxy.open(stage.port, () => faults);
	await using b = await FaultProxy.open(stage.port);
	await using dora = start("dora", at(a, b));
	await dora.waitFor({ type: "welcome", server: at(a) });
	faults = { delay: 3_600_000 };
	a.cut();
	await dora.waitFor({ type: "online", server: at(b) });
});

test.concurrent("a member is back as soon as any of its addresses answers again", async () => {
	await using a = await FaultProxy.open(stage.port);
	await using b = await FaultProxy.open(stage.port);
	await using eva = start("eva", at(a, b));
	await eva.waitFor({ type: "welcome" });
	b.refuses = true;
	shut(a);
	await eva.waitFor({ type: "offline" });
	b.refuses = false;
	await eva.waitFor({ type: "online", server: at(b) });
});

test.concurrent("a server that is moving is left for another, although it still answers", async () => {
	await using server = await ScriptedServer.open((index) => (index === 0 ? "moving" : undefined));
	await using a = await FaultProxy.open(server.port);
	await using b = await FaultProxy.open(server.port);
	await using ann = server.annAt(at(a, b));
	await ann.waitFor({ type: "online" });
	expect(server.firsts.slice(1)).toEqual([RESUME]);
	expect(ann.lines).toMatchObject([
		{ type: "welcome", server: at(a) },
		{ type: "offline", code: "moving" },
		{ type: "online", server: at(b) },
	]);
});

test.concurrent("somebody removed at one address does not ask at the next", async () => {
	await using server = await ScriptedServer.open(
		(index) => (index === 0 ? "server_fault" : undefined),
		(index) => (index === 1 ? "kicked" : undefined),
	);
	await using a = await FaultProxy.open(server.port);
	await using b = await FaultProxy.open(server.port);
	await using ann = server.annAt(at(a, b));
	expect(await ann.exit()).toBe(2);
	expect(server.firsts.slice(1)).toEqual([RESUME]);
});

test.concurrent("when the patience is over, the client says that nobody came back", async () => {
	await using a = await FaultProxy.open(stage.port);
	await using b = await FaultProxy.open(stage.port);
	await using fin = start("fin", at(a, b), "--patience", "1");
	await fin.waitFor({ type: "welcome" });
	b.refuses = true;
	shut(a);
	expect(await fin.exit()).toBe(5);
	const { code, text } = reason("server_gone", 1);
	expect(fin.lines.at(-1)).toEqual({ type: "closed", reason: code, text });
});
