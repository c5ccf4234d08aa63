import { describe, expect, test } from "bun:test";
import { UsageError } from "../../../lib/options/parsers.ts";
import { LIMITS } from "../../../lib/server/limits/limits.ts";
import { loginNameField } from "../../../lib/wire/messages/fields.ts";
import { MAILER } from "../../support/programs.ts";
import { client, type Environment, LOGIN, server } from "./read.ts";

// The error that a person reads about an unusable flag or variable.

const READERS = { "server.ts": server, "client.ts": client };
type Script = keyof typeof READERS;

const unusable: [script: Script, args: string[], env: Environment, names: string][] = [
	["server.ts", ["--prot", "1"], {}, "--prot"],
	["server.ts", ["-p", "1"], {}, "-p"],
	["server.ts", ["5050"], {}, '"5050"'],
	["server.ts", ["--port"], {}, "--port"],
	["server.ts", ["--tls-cert", "a.pem"], {}, "--tls-key"],
	["server.ts", ["--tls", "--tls-key", "a.pem"], {}, "--tls-cert"],
	["client.ts", ["example#"], {}, "fingerprint"],
	["client.ts", [`example#${"0".repeat(64)}#`], {}, "Each fingerprint"],
	...["a,,b", ",a", "a,", ",", "a, ,b"].map((text): [Script, string[], Environment, string] => [
		"client.ts",
		[text],
		{},
		`An address in ${JSON.stringify(text)} is empty. Write HOST, HOST:PORT or [IPV6]:PORT, with one comma between two.`,
	]),
	["client.ts", ["a,b:65536,c"], {}, 'The port in "b:65536" must be a whole number from 1'],
	["client.ts", ["a,::1,c"], {}, '"::1" is not a server\'s address. Write HOST'],
	["client.ts", ["a,b c"], {}, '"b c" is not a server\'s address. Write HOST'],
	["client.ts", [`a,b#${"0".repeat(63)},c`], {}, 'The fingerprint in "b#000'],
	["client.ts", ["a,A:5050"], {}, '"a,A:5050" names a:5050 twice.'],
	["client.ts", ["[::1]:6000,a,[::1]:6000"], {}, "names [::1]:6000 twice. If it has several"],
	[
		"client.ts",
		[`a#${"0".repeat(64)},a#${"1".repeat(64)}`],
		{},
		"names a:5050 twice. If it has several certificates, write a:5050#FINGERPRINT#FINGERPRINT.",
	],
	["client.ts", [Array(100).keys().toArray().join()], {}, "100 addresses were given. At most 16"],
	[
		"client.ts",
		[["a", ...Array(17).fill("0".repeat(64))].join("#")],
		{},
		"17 fingerprints were given for one address. At most 16",
	],
	["server.ts", ["--public", "a,b"], {}, "--public needs --tls, or --tls-cert and --tls-key."],
	["server.ts", ["--tls", "--public="], {}, "--public must be"],
	["server.ts", ["--tls", "--public", "a,b:0"], {}, '--public: The port in "b:0" must be'],
	["server.ts", ["--tls", "--public", "a,a:5050"], {}, "--public: "],
	[
		"server.ts",
		["--tls"],
		{ FERNET_CHAT_PUBLIC: "a b" },
		'FERNET_CHAT_PUBLIC (--public): "a b" is',
	],
	["server.ts", ["--web", "65536"], {}, "--web must be a whole number from 0 to 65535"],
	["server.ts", ["--web", "5050"], {}, "--web must be another port than --port, which is 5050 too"],
	[
		"server.ts",
		["--port=6000"],
		{ FERNET_CHAT_WEB: "6000" },
		"FERNET_CHAT_WEB (--web) must be another port than --port, which is 6000 too",
	],
	["server.ts", ["--web-origin", "https://a.test"], {}, "--web-origin needs --web beside it."],
	["server.ts", ["--trust-proxy"], {}, "--trust-proxy needs --web beside it."],
	[
		"server.ts",
		["--web=80"],
		{ FERNET_CHAT_TRUST_PROXY: "1" },
		"FERNET_CHAT_TRUST_PROXY (--trust-proxy) needs --web-origin",
	],
	...[
		"http://a.test",
		"a.test",
		"https://a.test/x",
		"https://a.test?x",
		"https://a.test#",
		"https://u@a.test",
		"https://",
		"",
	].map((given): [Script, string[], Environment, string] => [
		"server.ts",
		["--web=80", `--web-origin=${given}`],
		{},
		`--web-origin must be https://HOST[:PORT], without a path, not ${JSON.stringify(given)}.`,
	]),
	...[
		[[], "needs a certificate that browsers trust: so give"],
		[["--tls"], "that of --tls is one that browsers do not trust, so give yours with --tls-cert"],
		[["--public=a.test", "--tls"], "or put a reverse proxy in front and name it with --web-origin"],
	].map(([more, part]): [Script, string[], Environment, string] => [
		"server.ts",
		["--host=0.0.0.0", "--web=80", ...(more as string[])],
		{},
		String(part),
	]),
	["client.ts", [`example#${"0".repeat(63)}`], {}, "fingerprint"],
	["client.ts", [`example#${"g".repeat(64)}`], {}, "fingerprint"],
	...["--json", "--plain", "--token"].map((other): [Script, string[], Environment, string] => [
		"client.ts",
		["--window", other],
		{},
		`--window and ${other} cannot be used together.`,
	]),
	[
		"client.ts",
		["--json"],
		{ FERNET_CHAT_WINDOW: "1" },
		"FERNET_CHAT_WINDOW (--window) and --json cannot",
	],
	["server.ts", ["--stay=no"], {}, "--stay"],
	["server.ts", ["--room="], {}, "--room must be a path"],
	["server.ts", ["--room", "~ann/room"], {}, "--room"],
	["server.ts", ["--room-key", "k"], {}, "--room-key needs --room"],
	["server.ts", ["--room", "r", "--grace", "0"], {}, "--room needs a --grace of at least 1"],
	[
		"server.ts",
		["--room", "r", "--log-bytes", "134217729"],
		{},
		"With --room, --log-bytes must be at most 134217728",
	],
	["server.ts", [], { FERNET_CHAT_ROOM_KEY: "k" }, "FERNET_CHAT_ROOM_KEY (--room-key) needs"],
	...["65536", "-1", "abc", "", "1e3", "5050.5", " 1"].map(
		(port): [Script, string[], Environment, string] => [
			"server.ts",
			[`--port=${port}`],
			{},
			"--port",
		],
	),
	["server.ts", ["--port", "-1"], {}, "--port"],
	["server.ts", [], { FERNET_CHAT_PORT: "abc" }, "--port"],
	["server.ts", ["--max-members", "0"], {}, "--max-members"],
	["server.ts", ["--max-members", "10001"], {}, "--max-members"],
	["server.ts", [], { FERNET_CHAT_MAX_MEMBERS: "many" }, "--max-members"],
	["server.ts", ["--gmail-time", "60"], {}, "--gmail-time must be a whole number from 1 to 50"],
	["server.ts", [], { FERNET_CHAT_GMAIL_TIME: "600" }, "(--gmail-time) must be a whole number"],
	["server.ts", ["--smtp", "http://x"], {}, "--smtp"],
	["server.ts", ["--smtp", "smtps://x:0"], {}, "--smtp"],
	["server.ts", ["--smtp", "smtps://ann:secret@x"], {}, "--smtp"],
	["server.ts", ["--mailer", "http://x"], MAILER, "--mailer"],
	["server.ts", ["--mailer", "smtps://x"], {}, "FERNET_CHAT_MAILER_USER"],
	...[{ FERNET_CHAT_MAILER_USER: "room" }, { FERNET_CHAT_MAILER_PASSWORD: "line\nbreak" }].map(
		(wrong): [Script, string[], Environment, string] => [
			"server.ts",
			["--mailer", "smtps://x"],
			{ ...MAILER, ...wrong },
			`but ${Object.keys(wrong)} is not`,
		],
	),
	...["my normal password 1", "hunter2", "abcd efgh ijkl mno"].map(
		(password): [Script, string[], Environment, string] => [
			"server.ts",
			["--mailer", "smtps://smtp.gmail.com"],
			{ ...MAILER, FERNET_CHAT_MAILER_PASSWORD: password },
			"FERNET_CHAT_MAILER_PASSWORD is not an app password",
		],
	),
	// Codes would let in all of Gmail, beside the accounts of another mail server.
	...[[], ["--methods", "token,code"]].map((methods): [Script, string[], Environment, string] => [
		"server.ts",
		["--smtp", "smtps://mail.school.edu", "--mailer", "smtps://mail.school.edu", ...methods],
		MAILER,
		"mail.school.edu. List who can join with --allow",
	]),
	[
		"server.ts",
		["--methods", "password,magic"],
		{},
		"each entry of --methods must be one of password, token, code",
	],
	["server.ts", ["--methods="], {}, "--methods must be one of"],
	["server.ts", ["--methods", "password,code"], {}, "--mailer"],
	["server.ts", [], { FERNET_CHAT_STAY: "perhaps" }, "FERNET_CHAT_STAY"],
	["client.ts", ["--port", "1"], {}, "--port"],
	["client.ts", ["--name", "two words"], {}, "--name"],
	["client.ts", ["--name", "x".repeat(25)], {}, "--name"],
	["client.ts", ["--name", "Everybody"], {}, "--name"],
	["client.ts", [], { FERNET_CHAT_NAME: "two words" }, "--name"],
	["client.ts", ["--email", "ann.gmail.com"], {}, "--email"],
	["client.ts", ["127.0.0.1:99999"], {}, "port"],
	["client.ts", ["127.0.0.1:0"], {}, "port"],
	["client.ts", ["127.0.0.1:abc"], {}, '"127.0.0.1:abc"'],
	["client.ts", ["::1"], {}, '"::1"'],
	["client.ts", ["127.0.0.1", "5050"], {}, '"5050"'],
	["client.ts", [], { FERNET_CHAT_JSON: "yes please" }, "FERNET_CHAT_JSON"],
	["client.ts", ["--json"], {}, "FERNET_CHAT_PASSWORD"],
	["client.ts", ["--json"], {}, "--token and FERNET_CHAT_TOKEN"],
	["client.ts", ["--token"], LOGIN, "FERNET_CHAT_TOKEN"],
	["client.ts", ["--token"], { ...LOGIN, FERNET_CHAT_TOKEN: "two words" }, "FERNET_CHAT_TOKEN"],
	["client.ts", ["--token"], { FERNET_CHAT_TOKEN: "ya29.a0-_~+/=" }, "--name, --email"],
	["client.ts", ["--token=ya29.secret"], LOGIN, "--token"],
	["client.ts", ["--bell", "loud"], {}, "--bell"],
	...["-1", "1.5", "604801", "forever", ""].map(
		(patience): [Script, string[], Environment, string] => [
			"client.ts",
			[`--patience=${patience}`],
			{},
			"--patience must be a whole number from 0 to 604800",
		],
	),
	["server.ts", ["--addresses", "some"], {}, "--addresses"],
	["server.ts", ["--log", "xml"], {}, "--log"],
	...["ann", "", "ann@gmail.com,", "ann@gmail.com;bob", "+x@gmail.com", "..@gmail.com"].map(
		(owner): [Script, string[], Environment, string] => [
			"server.ts",
			["--owner", owner],
			{},
			"--owner",
		],
	),
	...["", "a\ttab", "x".repeat(81)].map((title): [Script, string[], Environment, string] => [
		"server.ts",
		["--title", title],
		{},
		"--title",
	]),
	["server.ts", ["--state", ""], {}, "--state"],
	...Object.entries(LIMITS).flatMap(([name, { min, max }]) => {
		const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
		return [min - 1, max + 1, "1.5", "1k"].map((value): [Script, string[], Environment, string] => [
			"server.ts",
			[`${flag}=${value}`],
			{},
			`${flag} must be a whole number from ${min} to ${max}`,
		]);
	}),
];

describe("what is not usable", () => {
	for (const [script, args, env, names] of unusable) {
		const given = [...Object.entries(env).map((pair) => pair.join("=")), script, ...args].join(" ");
		test(given, () => {
			const read = () => READERS[script](args, env);
			expect(read).toThrow(UsageError);
			expect(read).toThrow(names);
		});
	}

	const sentences: [args: string[], env: Environment, sentence: string][] = [
		[["--port=1e3"], {}, '--port must be a whole number from 0 to 65535, not "1e3".'],
		[
			["--message-line=73727"],
			{},
			'--message-line must be a whole number from 73728 to 1048576, not "73727".',
		],
		[["--log=a\nb"], {}, '--log must be one of text, json, not "a\\nb".'],
		[
			[],
			{ FERNET_CHAT_LOG: "xml" },
			'FERNET_CHAT_LOG (--log) must be one of text, json, not "xml".',
		],
		[[], { FERNET_CHAT_STAY: "so" }, 'FERNET_CHAT_STAY (--stay) must be 1 or 0, not "so".'],
		[["--motd="], {}, '--motd must be a path, not "".'],
		...[
			...["redis://:secret@localhost/x", "rediss://h:6379/0?x", "FILE:///tmp/room", "redis://"],
			...[
				"redis:/:secret@h",
				"Redis//:x",
				"redis:secret@h",
				"redis/:secret@h",
				"redis;//:secret@h",
			],
			...[
				" redis://:secret@h/x",
				'"rediss://:secret@h',
				"valkeys:/ann:secret@h",
				"reids:/:secret@h",
			],
			...["://:secret@h", "//ann:secret@h", ":secret@h", "ann:secret@h"],
		].map((url): [string[], Environment, string] => [
			["--room", url],
			{},
			"--room must be the path of a file, or redis[s]://[USER:PASSWORD@]HOST[:PORT][/DB].",
		]),
		[["--tls-key="], {}, '--tls-key must be a path, not "".'],
		[
			["--owner", "ann@gmail.com, bob"],
			{},
			'each entry of --owner must be an address like somebody@mail.example, not "bob".',
		],
	];
	test.each(["redis://:secret@h", "redis:/:secret@h", "smtps://ann:secret@h", "ann:secret@h"])(
		"is not repeated where it may hold a password: %s",
		(url) => {
			expect(() => server([url])).toThrow(
				new UsageError(
					"Unexpected argument: a URL belongs behind its flag. Type --help for the flags.",
				),
			);
		},
	);

	test.each(["redis", "redis/room", "./redis:room", "/data/10:30@home", "room@home", "10:30"])(
		"is none where --room is a path: %s",
		(place) => {
			expect(server(["--room", place])).toMatchObject({ room: { file: place } });
		},
	);

	for (const [args, env, sentence] of sentences) {
		test(`is named, with what was expected and what came: ${sentence}`, () => {
			expect(() => server(args, env)).toThrow(new UsageError(sentence));
		});
	}

	const dashes: [script: Script, args: string[], advice: string][] = [
		["client.ts", ["–plain"], "Did you mean --plain?"],
		["client.ts", ["—json"], "Did you mean --json?"],
		["client.ts", ["example.org", "\u2212\u2212nmae=ann"], "Did you mean --name?"],
		["client.ts", ["‐p"], "Type --help for the flags."],
		["client.ts", ["-"], "Type --help for the flags."],
		["client.ts", ["--", "-example.org"], "Type --help for the flags."],
		["server.ts", ["--port", "0", "–allow", "@school.edu"], "Did you mean --allow?"],
		["server.ts", ["–tls"], "Did you mean --tls?"],
	];
	test.each(dashes)("a dash that begins no flag: %s %j", (script, args, advice) => {
		const given = args.find((each) => /^(?!--)[\p{Pd}\u2212]/u.test(each));
		const sentence = `There is no flag "${given}": flags begin with two hyphens. ${advice}`;
		expect(() => READERS[script](args, LOGIN)).toThrow(new UsageError(sentence));
	});

	const variables: [script: Script, args: string[], env: Environment, sentence: string][] = [
		[
			"server.ts",
			[],
			{ FERNET_CHAT_PORT: "tcp://10.96.33.7" },
			'FERNET_CHAT_PORT (--port) must be a whole number from 0 to 65535, not "tcp://10.96.33.7".',
		],
		[
			"server.ts",
			[],
			{ FERNET_CHAT_TLS_CERT: "a.pem" },
			"FERNET_CHAT_TLS_CERT (--tls-cert) needs --tls-key beside it.",
		],
		["server.ts", ["--tls-key=a.pem"], {}, "--tls-key needs --tls-cert beside it."],
		[
			"client.ts",
			["--email", "foo"],
			{},
			'--email must be an address like somebody@mail.example, not "foo".',
		],
		[
			"client.ts",
			[],
			{ FERNET_CHAT_EMAIL: "ann@gmail.com\n" },
			'FERNET_CHAT_EMAIL (--email) must be an address like somebody@mail.example, not "ann@gmail.com\\n".',
		],
		[
			"client.ts",
			[],
			{ FERNET_CHAT_NAME: "x y" },
			`FERNET_CHAT_NAME (--name) must be ${loginNameField.expected}, not "x y".`,
		],
		[
			"server.ts",
			["--title=a\tb"],
			{},
			'--title must be 1 to 80 characters, none of them a control character, not "a\\tb".',
		],
		[
			"server.ts",
			[],
			{ FERNET_CHAT_METHODS: "code" },
			"FERNET_CHAT_METHODS (--methods) with code needs --mailer.",
		],
		[
			"server.ts",
			[],
			{ FERNET_CHAT_MAILER: "smtps://x" },
			"FERNET_CHAT_MAILER (--mailer) needs the account that sends the mail, but FERNET_CHAT_MAILER_USER is not set, and FERNET_CHAT_MAILER_PASSWORD is not set.",
		],
		[
			"server.ts",
			["--keys=~ann/k"],
			{},
			'--keys is "~ann/k", but only ~/ stands for a home folder here. Write the whole path, or ./~… for a folder of that name.',
		],
		[
			"client.ts",
			[],
			{ FERNET_CHAT_JSON: "1" },
			"With FERNET_CHAT_JSON (--json) there are no prompts. Give --name, --email and FERNET_CHAT_PASSWORD, or --token and FERNET_CHAT_TOKEN.",
		],
		[
			"client.ts",
			["--token", "--name=ann"],
			{},
			"--token needs --name, --email and an access token in FERNET_CHAT_TOKEN, but --email is missing.",
		],
		[
			"client.ts",
			["--token"],
			LOGIN,
			"--token needs --name, --email and an access token in FERNET_CHAT_TOKEN, but FERNET_CHAT_TOKEN is not set.",
		],
		[
			"client.ts",
			["[::1]:0"],
			{},
			'The port in "[::1]:0" must be a whole number from 1 to 65535, not "0".',
		],
		[
			"client.ts",
			["host#3f2a"],
			{},
			'The fingerprint in "host#3f2a" must be 64 hexadecimal digits, as the server prints it.',
		],
	];
	for (const [script, args, env, sentence] of variables) {
		test(`is named where it was given: ${sentence}`, () => {
			expect(() => READERS[script](args, env)).toThrow(new UsageError(sentence));
		});
	}

	test("is not repeated where it may hold a password", () => {
		const url = "smtps://ann:abcdefgh@mail.example";
		for (const variable of ["FERNET_CHAT_SMTP", "FERNET_CHAT_MAILER"]) {
			const read = () => server([], { ...MAILER, [variable]: url });
			expect(read).toThrow(variable);
			expect(read).not.toThrow("abcdefgh");
		}
		const mailer = () =>
			server(["--mailer", "smtps://x"], { ...MAILER, FERNET_CHAT_MAILER_PASSWORD: "abcd\nefgh" });
		expect(mailer).toThrow(UsageError);
		expect(mailer).not.toThrow("efgh");
		const token = () => client(["--token"], { ...LOGIN, FERNET_CHAT_TOKEN: "ya29 efgh" });
		expect(token).toThrow(UsageError);
		expect(token).not.toThrow("efgh");
	});

	test("does not stand in the way of --help", () => {
		expect(server(["--port", "abc", "--help"], { FERNET_CHAT_STAY: "perhaps" })).toBeNull();
		expect(client(["--bell", "loud", "--help"])).toBeNull();
	});
});
