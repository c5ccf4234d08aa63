import { describe, expect, test } from "bun:test";
import { SMTPServer } from "smtp-server";
import { eventually } from "../../support/eventually.ts";
import { listen } from "../../support/listen.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { type Bot, type Json, Stage } from "../../support/programs.ts";

// What may happen while a login waits for the mailbox to answer.

/** A mailbox that knows everybody, and keeps "slow" waiting until the test says so. */
async function slowMailbox() {
	const waiting: (() => void)[] = [];
	const server = new SMTPServer({
		disabledCommands: ["STARTTLS"],
		allowInsecureAuth: true,
		onAuth({ username }, _session, answer) {
			const accept = (): void => answer(null, { user: username });
			if (username?.startsWith("slow")) waiting.push(accept);
			else accept();
		},
	});
	server.on("error", () => {});
	const port = await listen(server.server);
	return {
		url: `smtp://127.0.0.1:${port}`,
		waitUntilAsked: () => eventually("the question", () => waiting.length > 0),
		answer: () => waiting.shift()?.(),
		[Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(resolve)),
	};
}

describe("a bot", () => {
	const ends: [
		name: string,
		act: (stage: Stage, ann: Bot) => void,
		reason: string,
		code: number,
	][] = [
		["the last member leaves", (_, ann) => ann.endInput(), "room_ended", 0],
		["the server is stopped", (stage) => stage.server.kill("SIGTERM"), "server_stopped", 5],
		["the server is lost", (stage) => stage.server.kill("SIGKILL"), "server_lost", 3],
	];
	for (const [name, act, reason, code] of ends) {
		test(`says so and exits ${code} when ${name}`, async () => {
			await using mailbox = await slowMailbox();
			const how = { endsWhenEmpty: true };
			await using stage = await Stage.openWith(how, "--smtp", mailbox.url, "--grace", "0");
			// With patience Ann, who is a member, would wait for a lost server.
			const ann = await stage.member("ann", "--patience", "0");
			const slow = stage.bot("slow");
			await mailbox.waitUntilAsked();
			act(stage, ann);
			const found = await slow.exit();
			const closed: Json = { type: "closed", reason, text: expect.any(String) };
			expect([found, slow.lines]).toEqual([code, [closed]]);
			const since = Date.now();
			await Promise.all([ann.exit(), stage.server.exit()]);
			// A server that ends does not wait for the mailbox to answer.
			expect(Date.now() - since).toBeLessThan(5000);
			expect(await stage.keyFiles()).toEqual([]);
		});
	}

	test("is let in when the answer comes, and what it said before is said then", async () => {
		await using mailbox = await slowMailbox();
		await using stage = await Stage.local("--smtp", mailbox.url);
		const ann = await stage.member("ann");
		const slow = stage.bot("slow");
		slow.say("first");
		await mailbox.waitUntilAsked();
		ann.say("the others do not wait");
		await ann.waitFor({ type: "said", text: "the others do not wait" });
		mailbox.answer();
		await ann.waitFor({ type: "said", from: "slow", text: "first" });
		await slow.waitFor({ type: "said", text: "first" });
		expect(slow.lines).toMatchObject([
			{ type: "welcome" },
			{ type: "pending", text: "first" },
			{ type: "said", text: "first" },
		]);
	});
});

describe("no ghost comes of a login whose connection is", () => {
	const ends: [name: string, end: (peer: Peer) => void][] = [
		["half-closed", (peer) => peer.end()],
		["reset", (peer) => peer.cut()],
		["closed for a second message", (peer) => peer.send({ type: "who" })],
	];
	for (const [name, end] of ends) {
		test(name, async () => {
			await using mailbox = await slowMailbox();
			await using stage = await Stage.local("--smtp", mailbox.url);
			const ann = await stage.member("ann");
			const ghost = Peer.greeting(stage);
			const email = "slow.ghost@gmail.com";
			ghost.send({ type: "login", name: "bob", email, password: PASSWORD });
			await mailbox.waitUntilAsked();
			end(ghost);
			await eventually("no key", async () => (await stage.keyFiles()).length === 1);
			mailbox.answer();
			const bob = await stage.member("bob");
			expect(await bob.waitFor({ type: "welcome" })).toMatchObject({
				members: [{ name: "ann" }, { name: "bob" }],
			});
			await ann.waitFor({ type: "joined", name: "bob" });
			expect(ann.lines.map(({ type }) => type)).toEqual(["welcome", "joined"]);
			const told = ghost.messages.map(({ code }) => code);
			expect(told.filter((code) => code !== "too_early")).toEqual([]);
		});
	}
});

test("of two logins at once for one name, one gets it, and the other is told", async () => {
	await using mailbox = await slowMailbox();
	await using stage = await Stage.local("--smtp", mailbox.url);
	const login = { type: "login", name: "bob", password: PASSWORD };
	const slow = Peer.greeting(stage);
	slow.send({ ...login, email: "slow@gmail.com" });
	await mailbox.waitUntilAsked();
	const quick = Peer.greeting(stage);
	quick.send({ ...login, email: "quick@gmail.com" });
	await quick.waitFor("welcome");
	mailbox.answer();
	expect(await slow.waitFor("denied")).toMatchObject({ code: "name_taken" });
	await slow.waitUntilClosed();
});

test("an account that is banned while the mail server checks it does not join", async () => {
	await using mailbox = await slowMailbox();
	await using stage = await Stage.local("--smtp", mailbox.url, "--owner", "ann@gmail.com");
	const ann = await stage.member("ann");
	const slow = stage.bot("slow");
	await mailbox.waitUntilAsked();
	ann.send({ type: "ban", who: "slow@gmail.com" });
	await ann.waitFor({ type: "banned" });
	mailbox.answer();
	expect(await slow.exit()).toBe(2);
	expect(slow.lines).toMatchObject([{ type: "denied", code: "banned" }]);
});
