import { afterAll, beforeAll, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { readdir } from "node:fs/promises";
import {
	Authority,
	days,
	ELSEWHERE,
	fingerprintOf,
	type Identity,
	selfSigned,
} from "../../support/certificates.ts";
import type { Bot } from "../../support/programs.ts";
import { WallClock } from "../../support/wall-clock.ts";
import { Pretender } from "./pretender.ts";
import { TlsStage } from "./tls-stage.ts";

// The operator's certificate: which authorities a client trusts, and for what.

const authority = await Authority.open();
const stranger = await Authority.open();
const right = await authority.vouch(ELSEWHERE);
const trusting = authority;

let tls: TlsStage;
beforeAll(async () => {
	tls = await TlsStage.certified(right);
});
afterAll(() => tls[Symbol.asyncDispose]());

/** What a bot prints that ends before it reaches the room. */
async function refusal(bot: Bot): Promise<unknown[]> {
	expect(await bot.exit()).toBe(3);
	const [closed, ...more] = bot.lines;
	expect([closed?.type, more, bot.err]).toEqual(["closed", [], ""]);
	return [closed?.reason, closed?.text];
}

test("a name is enough where somebody the system trusts vouches for it, and nothing is remembered", async () => {
	const ann = await tls.member("ann", `${ELSEWHERE}:${tls.port}`, { trusting });
	ann.say("hello");
	await ann.waitFor({ type: "said", text: "hello" });
	expect(await readdir(tls.folder)).not.toContain("ann-home");
	expect(ann.err).toBe("");
});

test("a client that trusts another certificate does not connect, and says how to", async () => {
	const address = `${ELSEWHERE}:${tls.port}`;
	const bot = await tls.bot("bob", address, { trusting: stranger });
	const [reason, text] = await refusal(bot);
	expect(reason).toBe("server_unknown");
	expect(text).toContain(`${address}#${fingerprintOf(right)}`);
	await tls.member("bob", `${address}#${fingerprintOf(right)}`, { trusting: stranger });
});

const worthless = {
	"signed by somebody unknown": await stranger.vouch(ELSEWHERE),
	"signed by nobody, for the right name": await selfSigned(ELSEWHERE),
	"for another name": await authority.vouch("chat.test"),
	"of the past": await authority.vouch(ELSEWHERE, days(-9)),
	"of the future": await authority.vouch(ELSEWHERE, days(9)),
	"of the past, signed by nobody": await selfSigned(ELSEWHERE, days(-9)),
	"of the future, signed by nobody": await selfSigned(ELSEWHERE, days(9)),
	"with an intermediate of the past": await (
		await authority.delegate("intermediate.test", days(-9), 1)
	).vouch(ELSEWHERE),
	"with an intermediate of the future": await (
		await authority.delegate("intermediate.test", days(9), 1)
	).vouch(ELSEWHERE),
};

/** A time as clients write it. */
const written = (time: string | number | Date): string =>
	`${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
const datesOf = ({ cert }: Identity) => new X509Certificate(cert);

const ended = (what: Identity) => `Its certificate ended on ${written(datesOf(what).validTo)}. `;
const begins = (what: Identity) =>
	`Its certificate begins on ${written(datesOf(what).validFrom)}. `;
const CLOCK = `This device's clock shows ${written(Date.now()).slice(0, 10)} `;
/** Begins the next sentence, about what to do. */
const NEXT = "If ";

/** What a client says of each, after that nobody vouches for it. */
const FAULTS: Record<keyof typeof worthless, string> = {
	"signed by somebody unknown": NEXT,
	"signed by nobody, for the right name": NEXT,
	"for another name": `Its certificate is for another name. ${NEXT}`,
	"of the past": ended(worthless["of the past"]) + CLOCK,
	"of the future": begins(worthless["of the future"]) + CLOCK,
	"of the past, signed by nobody": ended(worthless["of the past, signed by nobody"]) + NEXT,
	"of the future, signed by nobody": begins(worthless["of the future, signed by nobody"]) + NEXT,
	"with an intermediate of the past": `A certificate in its chain has ended. ${CLOCK}`,
	"with an intermediate of the future": `A certificate in its chain is not valid yet. ${CLOCK}`,
};

test.each(Object.entries(worthless))(
	"a certificate %s: not one byte for it",
	async (what, identity) => {
		await using pretender = await Pretender.open({ identity });
		const address = `${ELSEWHERE}:${pretender.port}`;
		const bot = await tls.bot("cyd", address, { trusting });
		const [reason, text] = await refusal(bot);
		expect(reason).toBe("server_unknown");
		expect(text).toContain(fingerprintOf(identity));
		const fault = FAULTS[what as keyof typeof worthless];
		const sentence = `No certificate authority vouches for the server at ${address}. ${fault}`;
		expect(text).toStartWith(sentence);
		await pretender.waitUntilLeft();
		expect(pretender.heard.length).toBe(0);
	},
);

test.each([
	["years behind", -3000, "begins on"],
	["a month ahead", 30, "ended on"],
])("a device whose clock is %s hears what its clock shows", async (_, offset, fault) => {
	using clock = new WallClock();
	clock.set(offset * 86_400);
	const bot = await tls.bot("fay", `${ELSEWHERE}:${tls.port}`, { trusting, clock });
	const [reason, text] = await refusal(bot);
	expect(reason).toBe("server_unknown");
	expect(text).toContain(fault);
	expect(text).toContain(`This device's clock shows ${written(days(offset)).slice(0, 10)}`);
});

test("a fingerprint says more than anybody's word", async () => {
	const address = `${ELSEWHERE}:${tls.port}#${fingerprintOf(worthless["of the past"])}`;
	const [reason, text] = await refusal(await tls.bot("dan", address, { trusting }));
	expect(reason).toBe("wrong_fingerprint");
	expect(text).toContain(fingerprintOf(right));
	expect(await readdir(tls.folder)).not.toContain("dan-home");
});

test("and is enough for one whose time is over, or that is for another name", async () => {
	for (const what of ["of the past", "for another name"] as const) {
		await using other = await TlsStage.certified(worthless[what]);
		await other.member("ann", `127.0.0.1:${other.port}#${fingerprintOf(worthless[what])}`);
	}
});

test("the server says by which name it is reached, and in any case by which fingerprint", async () => {
	const identity = await authority.vouch("chat.test");
	await using named = await TlsStage.certified(identity);
	expect(named.invitation).toBe(`chat.test:${named.port}`);
	// A device that does not trust the authority asks its user about the fingerprint.
	await named.stage.server.waitForOutput(
		`\nThe server's fingerprint is ${fingerprintOf(identity)}\n`,
	);
	await using own = await TlsStage.certified(await selfSigned("chat.test"));
	expect(own.invitation).toMatch(/^127\.0\.0\.1:\d+#[0-9a-f]{64}$/);
});
