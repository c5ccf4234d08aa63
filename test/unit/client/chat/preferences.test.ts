import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Preferences } from "../../../../lib/client/chat/preferences.ts";
import { ConfigDir } from "../../../../lib/client/util/config-dir.ts";
import { ConversationHarness } from "./conversation-harness.ts";

let home: string;
beforeEach(async () => {
	home = await mkdtemp(join(tmpdir(), "fernet-chat-preferences-"));
});
afterEach(() => rm(home, { recursive: true }));

const at = (port: number): Preferences =>
	new Preferences(new ConfigDir({ XDG_CONFIG_HOME: home }), `127.0.0.1:${port}`);
const fileOf = (name: string): string => join(home, "fernet-chat", name);

/** A visit to the room, in a run of its own. */
const visit = (members = ["ann", "bob", "carl"], port = 5050): ConversationHarness => {
	const harness = new ConversationHarness(members, "mention", undefined, at(port));
	harness.conversation.ignoring.begin(
		members.map((name) => ({ name, visit: harness.conversation.visits.find(name)?.visit ?? "" })),
	);
	return harness;
};

test("bell and time are remembered for every server, each by itself, where nobody else can read", async () => {
	expect([at(1).bell, at(1).clock]).toEqual([undefined, undefined]);
	visit().actions.run("/bell off");
	visit().actions.run("/TIME Long");
	expect([at(2).bell, at(2).clock]).toEqual(["off", "long"]);
	visit(undefined, 7).actions.run("/bell all");
	expect([at(2).bell, at(2).clock]).toEqual(["all", "long"]);
	expect((await stat(fileOf("preferences.json"))).mode & 0o777).toBe(0o600);
});

test.each(["{}", "[]", '{"bell":"loud","time":7}', '{"bell":["off"]}', "scribble", '{"bell":{}}'])(
	"what is no choice counts as none: %s",
	async (text) => {
		await mkdir(join(home, "fernet-chat"));
		await writeFile(fileOf("preferences.json"), text);
		expect([at(1).bell, at(1).clock]).toEqual([undefined, undefined]);
		visit().actions.run("/bell off");
		expect(at(1).bell).toBe("off");
	},
);

test("a client that no person uses neither reads nor writes anything", () => {
	visit().actions.run("/bell off");
	const preferences = new Preferences(null, "127.0.0.1:5050");
	preferences.saveBell("all");
	preferences.saveIgnored([{ name: "bob", visit: "bob-1" }]);
	expect(preferences.bell).toBeUndefined();
	expect([at(5050).bell, at(5050).ignored]).toEqual(["off", []]);
});

describe("who was ignored", () => {
	test("is so in the next run, if still here in the same visit, and it is said", () => {
		visit().actions.run("/ignore bob");
		const next = visit();
		next.says("bob", "hidden");
		next.tells("bob", "ann", "hidden");
		next.says("carl", "shown");
		expect(next.printed).toEqual(["-- You still ignore: bob", "carl: shown"]);
		next.actions.run("/ignore bob");
		expect(visit().printed).toEqual([]);
	});

	test("and has left is not taken for whoever has the name, once told", () => {
		visit().actions.run("/ignore bob");
		const next = visit(["ann", "carl"]);
		expect(next.printed).toEqual([]);
		next.actions.run("/ignore");
		expect(next.printed).toEqual(["-- You ignore nobody.\n  ┊ Ignored, but gone: bob"]);
		// Nor in the run after that.
		const later = visit(["ann", "carl"]);
		later.conversation.receive({ type: "joined", seq: 1, at: 0, name: "B0b", visit: "bob-9" });
		later.says("B0b", "I am new");
		expect(later.printed).toEqual([
			"→ B0b joined",
			expect.stringMatching(/^-- B0b is here now\. .*\/ignore B0b$/),
			"B0b: I am new",
		]);
		expect(at(5050).ignored).toEqual([]);
	});

	test("and has come back as another, before we came, is told at the start", () => {
		visit().actions.run("/ignore bob");
		const next = visit(["ann"]);
		next.conversation.receive({ type: "joined", seq: 1, at: 0, name: "bob", visit: "bob-2" });
		next.actions.run("/ignore bob");
		expect(at(5050).ignored).toEqual([{ name: "bob", visit: "bob-2" }]);
	});

	test("and has left can be taken off the list by name", () => {
		visit().actions.run("/ignore bob");
		const next = visit(["ann", "carl"]);
		next.actions.run("/ignore b0b");
		next.actions.run("/ignore bob");
		expect(next.printed).toEqual([
			"-- You no longer ignore b0b, who has left.",
			'!! Nobody here is called "bob".',
		]);
		expect(at(5050).ignored).toEqual([]);
	});

	test("at one server means nothing at another", () => {
		visit().actions.run("/ignore bob");
		expect(visit(undefined, 7).printed).toEqual([]);
		visit(undefined, 7).actions.run("/ignore carl");
		expect([at(5050).ignored.length, at(7).ignored]).toEqual([
			1,
			[{ name: "carl", visit: "carl-1" }],
		]);
	});

	test("in one of two clients stays so when the other ignores somebody, too", () => {
		const [one, two] = [visit(), visit()];
		one.actions.run("/ignore bob");
		two.actions.run("/ignore carl");
		expect(at(5050).ignored.map(({ name }) => name)).toEqual(["bob", "carl"]);
		one.actions.run("/ignore bob");
		expect(at(5050).ignored.map(({ name }) => name)).toEqual(["carl"]);
	});

	test("is bounded, in members and in servers, and what is no member is none", async () => {
		const many = Array.from({ length: 150 }, (_, i) => ({ name: `n${i}`, visit: `v${i}` }));
		for (let port = 1; port <= 60; port++) at(port).saveIgnored(many);
		expect([at(60).ignored.length, at(60).ignored.at(-1)]).toEqual([100, many.at(-1)]);
		expect([at(10).ignored, at(11).ignored.length]).toEqual([[], 100]);
		const odd = [{ name: "bob" }, { name: "b\x1b[b", visit: "v" }, 7, null, "x", many[0]];
		await writeFile(fileOf("ignored.json"), JSON.stringify({ "127.0.0.1:5050": odd, x: {} }));
		expect(at(5050).ignored).toEqual(many.slice(0, 1));
	});
});
