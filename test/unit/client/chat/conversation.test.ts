import { expect, test } from "bun:test";
import { Scene } from "./conversation-harness.ts";

test("the greeting names who is here, or counts them", () => {
	const greeting = (count: number): string => {
		const others = Array.from({ length: count }, (_, index) => `m${index}`);
		const scene = new Scene([...others, "ann"]);
		scene.conversation.greet();
		return scene.printed.join();
	};
	expect(greeting(0)).toContain("You are ann. Here: nobody else yet.");
	expect(greeting(2)).toContain("Here: m0, m1.");
	expect(greeting(500)).toContain("Here: 500 others.");
});

test("people who come within a moment are one line, and so are those who go", () => {
	const scene = new Scene();
	scene.moves("joined", "carl", "dora");
	scene.passes(100);
	expect(scene.printed).toEqual([]);
	scene.moves("joined", "eve");
	scene.passes(100);
	expect(scene.printed).toEqual(["→ carl, dora, eve joined"]);
	scene.moves("left", "carl");
	scene.moves("joined", "fay");
	scene.passes(1000);
	expect(scene.printed.slice(1)).toEqual(["← carl left", "→ fay joined"]);
	expect([...scene.conversation.members].sort()).toEqual(["ann", "bob", "dora", "eve", "fay"]);
});

test("a crowd that comes without a pause is shown now and then", () => {
	const scene = new Scene();
	for (let i = 0; i < 100; i++) {
		scene.moves("joined", `m${i}`);
		scene.passes(10);
	}
	scene.passes(1000);
	expect(scene.printed.length).toBeGreaterThan(2);
	expect(scene.printed.length).toBeLessThanOrEqual(6);
});

test("nothing is shown out of the room's order", () => {
	const scene = new Scene();
	scene.moves("joined", "carl");
	scene.says("carl", "hello");
	scene.moves("left", "carl");
	scene.tells("bob", "ann", "he has gone");
	expect(scene.printed).toEqual([
		"→ carl joined",
		"carl: hello",
		"← carl left",
		" PRIVATE  bob → you: he has gone",
	]);
});

test("who came at the very end is shown before it", () => {
	const scene = new Scene();
	scene.moves("joined", "carl");
	scene.conversation.end();
	expect(scene.printed).toEqual(["→ carl joined"]);
});

test("what was sent is on its way until its echo, whichever kind it is", () => {
	const scene = new Scene();
	scene.actions.say("hello", false);
	const said = scene.id;
	scene.actions.say("waves", true);
	scene.actions.tell("bob", "psst");
	expect(scene.sent).toMatchObject([
		{ type: "say", text: "hello" },
		{ type: "say", text: "waves", me: true },
		{ type: "tell", to: "bob", text: "psst" },
	]);
	scene.tells("ann", "bob", "psst", scene.id);
	scene.says("ann", "hello", said);
	expect(scene.conversation.delivery.pending.map(({ message }) => message.text)).toEqual(["waves"]);
	// Only the echo is shown: it has the room's order.
	expect(scene.printed).toEqual([" PRIVATE  you → bob: psst", "ann: hello"]);
	expect(scene.rings).toBe(0);
});

test("another's message under our id is no receipt", () => {
	const scene = new Scene();
	scene.actions.say("hello", false);
	scene.says("bob", "mine", scene.id);
	scene.tells("bob", "ann", "mine too", scene.id);
	expect(scene.conversation.delivery.pending).toHaveLength(1);
});

test("a refusal fails the line it is about, or is a problem of its own", () => {
	const scene = new Scene();
	scene.actions.tell("zoe", "hello");
	scene.conversation.receive({ type: "refused", code: "no", text: "nobody", id: scene.id });
	expect([scene.failures, scene.printed]).toEqual([1, []]);
	scene.conversation.receive({ type: "refused", code: "no", text: "something else" });
	expect(scene.printed).toEqual(["!! something else"]);
	scene.actions.resend();
	expect(scene.sent.map((message) => "id" in message && message.id)).toEqual([scene.id, scene.id]);
	scene.conversation.end();
	expect(scene.printed.at(-1)).toBe("!! not sent: hello");
});

test("what cannot be a message is not sent, and what is too much neither", () => {
	const scene = new Scene();
	scene.actions.say("€".repeat(2731), false);
	scene.actions.say("\ud800", false);
	scene.actions.tell("bob", "");
	expect([scene.sent.length, scene.printed.length]).toEqual([0, 3]);
	for (let i = 0; i < 1000; i++) scene.actions.say(`${i}`, false);
	expect(scene.sent.length).toBeLessThan(1000);
	expect(scene.conversation.delivery.pending).toHaveLength(scene.sent.length);
	expect(scene.printed.at(-1)).toContain("not sent");
});

test("ignored is who looks like it, until told otherwise, and never oneself", () => {
	const scene = new Scene();
	scene.actions.ignore("Bill");
	scene.says("bi11", "hello");
	scene.tells("BILL", "ann", "hello");
	expect([scene.printed.length, scene.rings, scene.conversation.replyTo]).toEqual([1, 0, null]);
	scene.actions.ignore("bill");
	scene.says("bill", "hello again");
	expect(scene.printed.at(-1)).toBe("bill: hello again");
	scene.actions.ignore("ann");
	scene.says("ann", "my own");
	expect(scene.printed.at(-1)).toBe("ann: my own");
});

test("the roster says who is here, and for how long", () => {
	const scene = new Scene();
	scene.now = 100 * 3_600_000;
	const ago = (minutes: number): number => scene.now - minutes * 60_000;
	scene.conversation.receive({
		type: "roster",
		members: [
			{ name: "ann", since: ago(0), address: "a***@gmail.com" },
			{ name: "bob", since: ago(59) },
			{ name: "carl", since: ago(61) },
			{ name: "dora", since: ago(60 * 49 + 5) },
			// A clock that is ahead of ours.
			{ name: "eve", since: ago(-3) },
		],
	});
	const [, ...lines] = scene.printed.join("\n").split("\n");
	expect(lines.map((line) => line.replaceAll(/\s+/g, " "))).toEqual([
		" ┊ ann a***@gmail.com here for 0 min",
		" ┊ bob here for 59 min",
		" ┊ carl here for 1 h 1 min",
		" ┊ dora here for 49 h 5 min",
		" ┊ eve here for 0 min",
	]);
	expect([...scene.conversation.members]).toEqual(["ann", "bob", "carl", "dora", "eve"]);
});

test("all that was shown can be saved, up to a bound", () => {
	const scene = new Scene();
	for (let i = 0; i < 30_000; i++) scene.says("bob", `text ${i}`);
	expect(scene.transcript.size).toBeLessThan(30_000);
	expect(scene.transcript.text).toEndWith("bob: text 29999\n");
	for (let i = 0; i < 2000; i++) scene.says("bob", "x".repeat(8000));
	expect(scene.transcript.text.length).toBeLessThan(8_000_000);
});

test("a name that is none is said at once, and nothing is sent", () => {
	const scene = new Scene();
	scene.actions.tell("bob:", "a secret");
	expect([scene.sent, scene.printed.join()]).toEqual([
		[],
		expect.stringContaining("not sent: a name is 1 to 24"),
	]);
});

test("nobody ignores themselves", () => {
	const scene = new Scene();
	scene.actions.ignore("Ann");
	scene.says("ann", "still heard");
	expect(scene.printed.at(-1)).toBe("ann: still heard");
});

test("what failed is sent again, however much of it there is", () => {
	const scene = new Scene();
	while (!scene.conversation.delivery.isFull) scene.actions.say("a line", false);
	const all = scene.sent.length;
	scene.passes(6000);
	scene.actions.resend();
	expect(scene.sent).toHaveLength(2 * all);
});
