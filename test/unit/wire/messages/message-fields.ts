import { DEVICE, EVENTS, KEY, TOKEN, TOLD, VISIT } from "./message-samples.ts";

/** The valid and invalid values of a field: at its limits, and one past them. */
interface Values {
	good: unknown[];
	bad: unknown[];
}

const WRONG_TYPES = [undefined, null, 0, true, [], ["ann"], {}, { toString: "ann" }];

export const NOT_WHOLE = [
	undefined,
	null,
	"1",
	-1,
	0.5,
	2 ** 53,
	Number.NaN,
	Number.POSITIVE_INFINITY,
	[1],
];

const names: Values = {
	good: ["a", "Ann-1_b.c", "0".repeat(24)],
	bad: ["", "0".repeat(25), "ann bob", "ann\n", "ännchen", "ann\u200b", "ann@home", "\u0430nna"],
};

const ids: Values = {
	good: ["a", "_-Z9", "i".repeat(36), "123e4567-e89b-12d3-a456-426614174000"],
	bad: ["", "i".repeat(37), "with space", "line\n", "dot.dot", "é-acute"],
};

const visits: Values = {
	good: ["a", VISIT, "v".repeat(22)],
	bad: ["", "v".repeat(23), "with space", "line\n", "dot.dot", "é-acute", "pad="],
};

/** As many of a character as fit, and what is left of the bytes. */
const filled = (character: string, most: number): string => {
	const size = Buffer.byteLength(character);
	return character.repeat(Math.floor(most / size)) + "x".repeat(most % size);
};

const text = (most: number): Values => ({
	good: ["a", "\u0000", " ", "\n", ...["x", "é", "世", "😀"].map((each) => filled(each, most))],
	bad: [
		"",
		...["x", "é", "世", "😀"].map((each) => `${filled(each, most)}x`),
		"lone \ud800 surrogate",
		"\udc00 first",
		"reversed \ude00\ud83d",
	],
});

const tokens: Values = {
	good: [TOKEN, "f".repeat(32)],
	bad: ["", TOKEN.slice(1), `${TOKEN}0`, TOKEN.toUpperCase(), `${TOKEN.slice(1)}g`, `${TOKEN}\n`],
};

const wholes: Values = { good: [0, 1, 2 ** 53 - 1], bad: NOT_WHOLE };

const codes: Values = {
	good: ["a", "bad_key", "c".repeat(40)],
	bad: ["", "c".repeat(41), "Bad_K", "a b"],
};

const local = "l".repeat(64);
const domain = `${"d".repeat(62)}.${"d".repeat(62)}.${"d".repeat(63)}`;
const flags: Values = { good: [true], bad: [false, null, 1, "yes please", [true], {}] };

const emails: Values = {
	good: ["a@b.c", "ann+chat.x@gmail.com", "o'neil@x-y.example", `${local}@${domain}`],
	bad: [
		...["", "anna", "@here.com", "anna@", "anna@gmail", "anna@gmail.", "anna@.com"],
		...["a b@gmail.com", "anna@gmail..com", "an@na@gmail.com", '"anna"@gmail.com'],
		...["änna@gmail.com", "anna@gm_il.com"],
		...["anna@gmail.com\n", "anna\r\nQUIT@gmail.com", "anna\u0000@gmail.com", " anna@gmail.com"],
		...[`l${local}@gmail.com`, `${local}@${domain}d`],
	],
};

/** The masked forms of an address that others may see. */
const shown: Values = { good: ["a***@gmail.com", "x".repeat(254)], bad: ["", "x".repeat(255)] };

const VALUES: Record<string, Values> = {
	name: names,
	"login.name": {
		good: [...names.good, "-a-", "youth", "ally", "b.all", "private-eye", "announcements", "5"],
		bad: [
			...names.bad,
			...["you", "YOU.", "-y.o_u-", "A11", "a-ll", "_all_", "every.body", "n0body"],
			...["PRIVATE.", "-PR1VATE-", "ANNOUNCEMENT.", "announce-ment", "_ANN0UNCERNENT"],
			...["-", "--", "---", ".", "_", "._-", "-".repeat(24)],
		],
	},
	by: names,
	who: {
		good: [...names.good, ...emails.good],
		bad: ["", "0".repeat(25), "ann bob", "ann\n", "@ann", "anna@gmail", "anna@gmail.com\n"],
	},
	reason: text(200),
	visit: visits,
	title: {
		good: ["a", " ", "t".repeat(80), "😀".repeat(80), "Ü: \u202e\u200b"],
		bad: [
			"",
			"t".repeat(81),
			"😀".repeat(81),
			"two\nlines",
			"a\u0000",
			"\u001b[31m",
			"\u009b",
			"\ud800x",
		],
	},
	motd: text(4096),
	owner: flags,
	remember: flags,
	all: flags,
	devices: {
		good: [[], [{ made: 0, used: 2 ** 53 - 1 }], [{ made: 1, used: 2, current: true }]],
		bad: [
			...[undefined, null, {}, [1], [null], [{ made: 1 }], [{ used: 1 }]],
			...NOT_WHOLE.map((made) => [{ made, used: 1 }]),
			[{ made: 1, used: 2, current: false }],
		],
	},
	address: emails,
	"banned.address": shown,
	"unbanned.address": shown,
	"announce.text": text(8192),
	"announced.text": text(8192),
	"banlist.addresses": {
		good: [[], ["ann@gmail.com"], Array.from({ length: 10_000 }, () => "ann@gmail.com")],
		bad: [undefined, null, {}, "anna@gmail.com", [1], ["anna"], ["anna@gmail.com", ""]],
	},
	from: names,
	to: names,
	id: ids,
	token: tokens,
	resume: tokens,
	"say.text": text(8192),
	"said.text": text(8192),
	"tell.text": text(8192),
	"told.text": text(8192),
	text: text(1024),
	seq: wholes,
	at: wholes,
	private: wholes,
	count: wholes,
	grace: wholes,
	epoch: wholes,
	me: flags,
	code: codes,
	key: {
		good: [KEY],
		bad: [
			"",
			KEY.slice(1),
			KEY.slice(0, -1),
			`${KEY}=`,
			KEY.replace("=", "A"),
			KEY.replace("_", "/"),
			`${KEY}\n`,
		],
	},
	email: emails,
	password: {
		good: ["a", "abcd efgh ijkl mnop", "pässwörd", "p".repeat(256), "😀".repeat(256)],
		bad: [
			...["", "p".repeat(257), "😀".repeat(257), "secret\u0000", "secret\r\nQUIT", "\u007fsecret"],
			...["\ud800", "secret\udc00", "\udc00\ud800", "\ud83dsecret"],
			...["secret\t", "\u001bsecret", "\u0080secret", "\u009fsecret"],
		],
	},
	"login.token": {
		good: ["a", "ya29.A0-_~+/", "t".repeat(2040), `${"t".repeat(2040)}========`],
		bad: [
			"",
			"two words",
			"t".repeat(2041),
			"=",
			"a=b",
			"t\u0001",
			"t\n",
			"tökén",
			"a=========",
			"a,b",
		],
	},
	"login.code": {
		good: ["000000", "012345", "999999"],
		bad: [
			"",
			"12345",
			"1234567",
			"12345a",
			"-12345",
			"123456\n",
			"\u0661\u0662\u0663\u0664\u0665\u0666",
		],
	},
	ticket: tokens,
	device: {
		good: [DEVICE, "f".repeat(96)],
		bad: ["", DEVICE.slice(1), `${DEVICE}0`, `${DEVICE.slice(1)}F`, `${DEVICE}\n`, TOKEN],
	},
	methods: {
		good: [[], ["password"], ["a_later_method"]],
		bad: [undefined, null, "code", [""], ["A method"], [1]],
	},
	verifier: text(255),
	version: text(64),
	"welcome.members": {
		good: [[], [["ann", VISIT]], Array.from({ length: 10_000 }, () => ["ann", VISIT])],
		bad: [
			...[undefined, null, "anna", {}, { length: 0 }, [1], ["anna"], [null], [["anna"]]],
			...["anna", VISIT, []].map((member) => [member]),
			...[[{ name: "anna", visit: VISIT }], [{ 0: "anna", 1: VISIT }], [["anna bee", VISIT]]],
			...["", "v".repeat(23), 1, null, [VISIT]].map((visit) => [["anna", visit]]),
			[["ann", VISIT], null],
		],
	},
	"welcome.away": {
		good: [[], [[VISIT, 0]], Array.from({ length: 10_000 }, () => [VISIT, 2 ** 53 - 1])],
		bad: [
			...[null, "v", 5, {}, [1], [VISIT], [null], [[VISIT]], [[5, VISIT]], [{ 0: VISIT, 1: 5 }]],
			...[-1, "5", null, 0.5].map((since) => [[VISIT, since]]),
			...["", "v".repeat(23), 1, null].map((visit) => [[visit, 5]]),
		],
	},
	"roster.members": {
		good: [
			[],
			[
				{ name: "ann", visit: VISIT, since: 0 },
				{ name: "bob", visit: "b", since: 1, away: 2, address: "x".repeat(254) },
			],
		],
		bad: [
			...[undefined, null, {}, ["anna"], [null], [[]], [{ name: "anna", visit: VISIT }]],
			...[[{ visit: VISIT, since: 1 }], [{ name: "anna", since: 1 }]],
			...["", "v".repeat(23), 1, null].map((visit) => [{ name: "anna", visit, since: 1 }]),
			...[-1, "1", null].map((since) => [{ name: "anna", visit: VISIT, since }]),
			...[-1, "1", null].map((away) => [{ name: "anna", visit: VISIT, since: 1, away }]),
			[{ name: "anna bee", visit: VISIT, since: 1 }],
			...["", 5, null, "x".repeat(255)].map((address) => [
				{ name: "anna", visit: VISIT, since: 1, address },
			]),
		],
	},
	"welcome.history": {
		good: [
			{ events: 1, until: 0 },
			{ events: 2 ** 53 - 1, until: 2 ** 53 - 1 },
		],
		bad: [
			...[null, 0, 50, "50", [], [50, 9], {}, { events: 50 }, { until: 9 }],
			...[-1, "0", null, 0.5].flatMap((bad) => [
				{ events: bad, until: 9 },
				{ events: 50, until: bad },
			]),
		],
	},
	"resumed.lost": {
		good: [
			{ events: 0, private: 0 },
			{ events: 2 ** 53 - 1, private: 3 },
		],
		bad: [
			...[undefined, null, 0, "1", [], [0, 0], {}, { events: 0 }, { private: 0 }],
			...[-1, "0", null, 0.5].flatMap((bad) => [
				{ events: bad, private: 0 },
				{ events: 0, private: bad },
			]),
		],
	},
	"replay.events": {
		good: [[], EVENTS, [TOLD], [TOLD, ...EVENTS, TOLD]],
		bad: [
			...[undefined, null, {}, { length: 0 }, "something", [null], [[]], [{}], [{ type: "said" }]],
			[...EVENTS, { ...TOLD, from: "anna bee" }],
			[{ ...EVENTS[0], seq: -1 }, TOLD],
			...[undefined, 1, null, ["left"]].map((type) => [{ ...EVENTS[0], type }]),
		],
	},
};

export const valuesOf = (type: string, field: string): Values => {
	const values = VALUES[`${type}.${field}`] ?? VALUES[field];
	if (!values) throw new Error(`no values for ${type}.${field}`);
	const { good, bad } = values;
	// A value that is not a number is not a text either, and the other way round.
	return typeof good[0] === "string" ? { good, bad: [...bad, ...WRONG_TYPES] } : { good, bad };
};

const OPTIONAL = new Set([
	...["who", "ping", "leave", "devices", "sign_out"].map((type) => `${type}.id`),
	...["kick", "ban", "unban", "mute", "unmute", "sign_out_member"].map((type) => `${type}.id`),
	...["bans", "announce", "title", "close"].map((type) => `${type}.id`),
	...["refused.id", "say.me", "said.me", "welcome.owner", "welcome.title", "welcome.motd"],
	...["login.device", "login.remember", "welcome.device"],
	...["welcome.history", "welcome.away"],
	...["kick.reason", "ban.reason", "kicked.reason", "banned.reason"],
	...["banned.name", "banned.address", "unbanned.address", "roster.at"],
	...["ban.visit", "unmute.visit", "sign_out_member.visit", "sign_out.all"],
	...["login.token", "login.ticket", "login.code"],
]);

export const isOptional = (type: string, field: string): boolean =>
	OPTIONAL.has(`${type}.${field}`);
