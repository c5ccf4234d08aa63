import { expect, test } from "bun:test";
import { LIMITS } from "../../../lib/server/limits/limits.ts";
import { Guest } from "../../support/crowd.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import type { Json } from "../../support/programs.ts";
import { Stage, TRANSPORTS } from "../../support/programs.ts";

// The server stops people who guess passwords, or mistype one again and again, before Gmail
// does, which would lock the account.

const WRONG = "wrongwrongwrongw";

/** Logs in once and returns the answer. */
async function logIn(stage: Stage, email: string, password = WRONG): Promise<Json> {
	const peer = Peer.greeting(stage);
	peer.send({ type: "login", name: "eve", email, password });
	const answer = await Promise.any([peer.waitFor("welcome"), peer.waitFor("denied")]);
	if (answer.type === "denied") await peer.waitUntilClosed();
	return answer;
}

async function codesOf(stage: Stage, emails: readonly string[]): Promise<unknown[]> {
	const codes: unknown[] = [];
	for (const email of emails) codes.push((await logIn(stage, email)).code);
	return codes;
}

/** Gmail takes all of them for one mailbox. */
const SPELLINGS = [
	"ann.lee@gmail.com",
	"annlee@gmail.com",
	"ANNLEE@gmail.com",
	"a.n.n.l.e.e@gmail.com",
	"annlee+chat@gmail.com",
	"ann.lee+a+b@gmail.com",
	"annlee@googlemail.com",
	"Ann.Lee+x@GoogleMail.com",
];

test.concurrent.each(TRANSPORTS)(
	"%s, one account in all its spellings gets its three a minute, and no more",
	async (_, how) => {
		const three = LIMITS.accountLogins.default;
		await using stage = await Stage.openWith(how, "--account-logins", String(three));
		const codes = await codesOf(stage, SPELLINGS);
		expect(codes).toEqual(SPELLINGS.map((_, i) => (i < 3 ? "wrong_password" : "too_many_logins")));
		expect(stage.logins).toEqual(Array(three).fill("annlee@gmail.com"));
	},
);

test.concurrent("the right password waits, too, and who logs in is told how long", async () => {
	await using stage = await Stage.local("--account-logins", "1");
	await logIn(stage, "ann@gmail.com");
	const answer = await logIn(stage, "ann@gmail.com", PASSWORD);
	expect(answer.code).toBe("too_many_logins");
	const seconds = Number(/Try again in (\d+) s\.$/.exec(String(answer.text))?.[1]);
	expect(seconds).toBeGreaterThan(30);
	expect(seconds).toBeLessThanOrEqual(60);
	expect(stage.logins).toEqual(["ann@gmail.com"]);
});

test.concurrent("many at once, each by a connection of its own, are counted as one after the other", async () => {
	await using stage = await Stage.local("--account-logins", "2");
	const answers = await Promise.all(SPELLINGS.map((email) => logIn(stage, email)));
	const denied = answers.map(({ code }) => code).toSorted();
	expect(denied.filter((code) => code === "wrong_password")).toHaveLength(2);
	expect(denied.filter((code) => code === "too_many_logins")).toHaveLength(6);
	expect(stage.logins).toHaveLength(2);
});

test.concurrent("one account from many addresses is one account", async () => {
	await using stage = await Stage.local("--account-logins", "2");
	for (let i = 1; i <= 5; i++) {
		const guest = new Guest(stage, `eve${i}`, `127.0.0.${i}`);
		const email = SPELLINGS[i] ?? "";
		guest.send({ type: "login", name: guest.name, email, password: WRONG });
		const { code } = await guest.waitFor("denied");
		expect(code).toBe(i <= 2 ? "wrong_password" : "too_many_logins");
	}
	expect(stage.logins).toHaveLength(2);
});

test.concurrent("another account is not affected, a dotted one of another domain least of all", async () => {
	await using stage = await Stage.local("--account-logins", "1");
	// Outside gmail.com dots and tags tell accounts apart; case does not.
	const wrong = ["a.b@firm.example", "ab@firm.example", "a.b+x@firm.example", "ab@gmail.com"];
	const codes = await codesOf(stage, [...wrong, "A.B@Firm.example", "a.B+X@firm.example"]);
	const tooMany = ["too_many_logins", "too_many_logins"];
	expect(codes).toEqual([...wrong.map(() => "wrong_password"), ...tooMany]);
	expect(await logIn(stage, "ann@gmail.com", PASSWORD)).toMatchObject({ type: "welcome" });
});

test.concurrent.each(TRANSPORTS)(
	"%s, accounts tried from one IP address are limited per minute; another address is not affected",
	async (_, how) => {
		await using stage = await Stage.openWith(how, "--address-logins", "3");
		const emails = Array.from({ length: 6 }, (_, i) => `somebody${i}@gmail.com`);
		const codes = await codesOf(stage, emails);
		expect(codes).toEqual(emails.map((_, i) => (i < 3 ? "wrong_password" : "too_many_logins")));
		expect(stage.logins).toHaveLength(3);

		await using other = await Guest.join(stage, "ann", "127.0.0.2");
		expect(other.seq).toBeGreaterThan(0);
	},
);

test.concurrent("what is refused for its form is not counted", async () => {
	await using stage = await Stage.local("--account-logins", "1", "--address-logins", "1");
	for (let i = 0; i < 5; i++) {
		const { code } = await logIn(stage, "ann@gmail.com", "");
		expect(code).toBe("bad_field");
	}
	expect(await logIn(stage, "ann@gmail.com", PASSWORD)).toMatchObject({ type: "welcome" });
});

test.concurrent("a resume is no login and uses up nothing", async () => {
	await using stage = await Stage.local("--account-logins", "1", "--address-logins", "2");
	let ann = await Guest.join(stage, "ann");
	for (let i = 0; i < 20; i++) {
		ann.cut();
		ann = await Guest.resume(stage, ann);
		await ann.say(`back ${i}`);
	}
	expect(stage.logins).toEqual(["ann@gmail.com"]);
	await using ben = await Guest.join(stage, "ben");
	expect(ben.faults).toEqual([]);
	expect(ann.faults).toEqual([]);
	ann.cut();
});

test.concurrent("a guessed token to come back with is no way in", async () => {
	await using stage = await Stage.local();
	await using ann = await Guest.join(stage, "ann");
	for (let i = 0; i < 20; i++) {
		const peer = Peer.greeting(stage);
		peer.send({
			type: "resume",
			token: crypto.randomUUID().replaceAll("-", ""),
			seq: 0,
			private: 0,
		});
		expect(await peer.waitFor("denied")).toMatchObject({ code: "resume_expired" });
		await peer.waitUntilClosed();
	}
	await ann.say("still here");
	expect(stage.logins).toHaveLength(1);
});
