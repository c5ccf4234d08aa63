import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { homedir } from "node:os";
import { join } from "node:path";
import { clientHelp, clientOptions } from "../lib/options/client.ts";
import { UsageError } from "../lib/options/parsers.ts";
import { serverHelp, serverOptions } from "../lib/options/server.ts";
import { LIMITS } from "../lib/server/limits/limits.ts";
import { DEFAULTS } from "./support/defaults.ts";
import { PASSWORD } from "./support/mailbox.ts";
import { Bot, MAILER, Program, Stage } from "./support/programs.ts";

// Flags, environment and defaults, asked directly and through both doors.

setDefaultTimeout(15_000);

type Environment = Record<string, string>;
const server = (args: string[], env: Environment = {}) => serverOptions(args, env);
/** As on a terminal. */
const client = (args: string[], env: Environment = {}) =>
	clientOptions(args, env, { canAsk: true, canDraw: true });
const DOORS = { "server.ts": server, "client.ts": client };
type Door = keyof typeof DOORS;
const THIS_MACHINE = { host: "127.0.0.1", port: 5050 };

describe("--help", () => {
	const flags: Record<Door, string[]> = {
		"server.ts": [
			...["--host", "--port", "--keys", "--tls", "--tls-cert", "--tls-key", "--state", "--smtp"],
			...["--stay", "--addresses", "--log", "--owner", "--title", "--motd", "--help"],
			...["--allow", "--allow-file", "--mailer", "--methods", "--account-codes", "--address-codes"],
			"--codes",
			...["--max-members", "--max-per-address", "--max-strangers"],
			...["--hello-time", "--key-time", "--login-time", "--gmail-time", "--idle-time", "--grace"],
			...["--gmail-checks", "--account-logins", "--address-logins"],
			...["--login-line", "--message-line", "--message-rate", "--message-burst"],
			...["--queue-bytes", "--log-events", "--log-bytes"],
		],
		"client.ts": [
			...["[HOST[:PORT][#FINGERPRINT]]", "--keys", "--name", "--email", "--token", "--bell"],
			...["--plain", "--json", "--help"],
		],
	};
	for (const door of Object.keys(flags) as Door[]) {
		test(`of ${door} names every flag and exits 0`, async () => {
			await using program = new Program(door, ["--help"], {});
			expect(await program.exit()).toBe(0);
			for (const flag of flags[door]) expect(program.out).toContain(flag);
			// Whatever else it lists would not be documented.
			const listed = program.out.match(/--[a-z-]+(?=\s)/g) ?? [];
			expect(listed.filter((flag) => !flags[door].includes(flag))).toEqual([]);
			expect(program.out).toContain("FERNET_CHAT_");
			expect(program.err).toBe("");
		});
	}

	test("of client.ts documents the exit codes", async () => {
		await using program = new Program("client.ts", ["--help"], {});
		await program.exit();
		expect(program.out).toMatch(
			/0 left or room ended.*1 wrong use.*2 login denied, or kicked or banned.*3 server/,
		);
	});

	test("says where secrets come from, and that no flag's variable is taken for one", () => {
		expect(serverHelp).toMatch(
			/--mailer URL .*FERNET_CHAT_MAILER_USER and FERNET_CHAT_MAILER_PASSWORD/,
		);
		expect(clientHelp).toMatch(/--token .*FERNET_CHAT_TOKEN/);
		expect(clientHelp).toContain("Each flag but --token may come from the environment");
		expect(serverHelp).toContain("Each flag may come from the environment");
	});
});

describe("flags come before environment before defaults", () => {
	const cases: [
		flag: string,
		given: string,
		other: string,
		read: (args: string[], env: Environment) => unknown,
	][] = [
		["host", "127.0.0.2", "127.0.0.3", (args, env) => server(args, env)?.host],
		["port", "0", "6000", (args, env) => String(server(args, env)?.port)],
		["keys", "/a", "/b", (args, env) => server(args, env)?.keys],
		["smtp", "smtp://a", "smtp://b", (args, env) => `smtp://${server(args, env)?.smtp.host}`],
		["max-members", "1", "10000", (args, env) => String(server(args, env)?.limits.maxMembers)],
		["addresses", "full", "hidden", (args, env) => server(args, env)?.emailVisibility],
		["title", "One", "Two", (args, env) => server(args, env)?.title],
		["motd", "/a", "/b", (args, env) => server(args, env)?.motd],
		["state", "/a", "/b", (args, env) => server(args, env)?.state],
		["owner", "a@b.cc", "d@e.ff", (args, env) => [...(server(args, env)?.owners ?? [])].join()],
		["max-per-address", "7", "8", (args, env) => String(server(args, env)?.limits.maxPerAddress)],
		["grace", "0", "86400", (args, env) => String(server(args, env)?.limits.grace)],
		["keys", "/a", "/b", (args, env) => client(args, env)?.keys],
		["bell", "all", "off", (args, env) => client(args, env)?.bell],
		["name", "ann", "bob", (args, env) => client(args, env)?.defaults.name],
		["email", "a@b.cc", "d@e.ff", (args, env) => client(args, env)?.defaults.email],
	];
	for (const [flag, given, other, read] of cases) {
		test(`--${flag}`, () => {
			const env = { [`FERNET_CHAT_${flag.toUpperCase().replaceAll("-", "_")}`]: other };
			expect(read([`--${flag}`, given], env)).toBe(given);
			expect(read([], env)).toBe(other);
			expect([given, other]).not.toContain(read([], {}));
		});
	}

	test("switches", () => {
		for (const yes of ["1", "true"]) expect(server([], { FERNET_CHAT_STAY: yes })?.stay).toBe(true);
		for (const no of ["0", "false", ""]) {
			expect(server([], { FERNET_CHAT_STAY: no })?.stay).toBe(false);
			expect(server(["--stay"], { FERNET_CHAT_STAY: no })?.stay).toBe(true);
		}
		const env = { FERNET_CHAT_JSON: "1", FERNET_CHAT_PASSWORD: PASSWORD };
		const who = ["--name", "ann", "--email", "ann@gmail.com"];
		expect(client(who, env)).toMatchObject({
			json: true,
			credentials: { name: "ann", email: "ann@gmail.com", password: PASSWORD },
		});
		expect(client(who)).toMatchObject({ json: false, credentials: null });
	});

	test("the methods to log in: all that can be, or those listed", () => {
		const mailer = ["--mailer", "smtps://mail.example"];
		const methods = (...args: string[]) => server(args, MAILER);
		expect(methods()).toMatchObject({ methods: ["password", "token"], mailer: null });
		expect(methods(...mailer)).toMatchObject({
			methods: ["password", "token", "code"],
			mailer: { server: { host: "mail.example" }, user: "room@gmail.com", password: PASSWORD },
		});
		expect(methods(...mailer, "--methods", "code, token")?.methods).toEqual(["token", "code"]);
		expect(methods(...mailer, "--methods", "password")).toMatchObject({
			methods: ["password"],
			mailer: null,
		});
	});

	test("codes go beside passwords of another house than Gmail with a list, or alone", () => {
		const school = ["--smtp", "smtps://mail.school.edu", "--mailer", "smtps://mail.school.edu"];
		const methods = (...args: string[]) => server([...school, ...args], MAILER)?.methods;
		expect(methods("--allow", "@school.edu")).toEqual(["password", "token", "code"]);
		expect(methods("--allow-file", "friends")).toEqual(["password", "token", "code"]);
		expect(methods("--methods", "code")).toEqual(["code"]);
		expect(methods("--methods", "password")).toEqual(["password"]);
	});

	test("a token is used where --token says so, and nowhere else", () => {
		const env = { ...UNASKED, FERNET_CHAT_TOKEN: "ya29.a0-_~+/==" };
		const who = { name: "ann", email: "ann@gmail.com" };
		expect(client(["--token"], env)?.credentials).toEqual({ ...who, token: "ya29.a0-_~+/==" });
		expect(client([], env)?.credentials).toEqual({ ...who, password: "abcdefghijklmnop" });
	});

	test("the defaults: this machine, port 5050, Gmail, a room that ends", () => {
		expect(server([])).toMatchObject({
			...{ ...THIS_MACHINE, stay: false, tls: null },
			smtp: { host: "smtp.gmail.com", port: 465, secure: true },
			emailVisibility: "masked",
			log: "text",
			limits: DEFAULTS,
			...{ title: undefined, motd: undefined, owners: new Set() },
		});
		expect(client([])?.endpoint).toEqual({ ...THIS_MACHINE, fingerprint: undefined });
		expect(client([])?.keys).toBe(server([])?.keys);
		expect(client([])?.keys).toEndWith("/keys");
	});
});

test("owners are known by their accounts, however they are spelt", () => {
	const owners = "Ann.B+chat@googlemail.com, bob@work.example ,annb@gmail.com";
	expect(server(["--owner", owners])?.owners).toEqual(
		new Set(["annb@gmail.com", "bob@work.example"]),
	);
});

test("where the state is kept, unless a flag says so", () => {
	expect(server([], { XDG_STATE_HOME: "/x" })?.state).toBe("/x/fernet-chat");
	for (const env of [{}, { XDG_STATE_HOME: "" }]) {
		expect(server([], env)?.state).toBe(join(homedir(), ".local/state/fernet-chat"));
	}
});

test("where the client connects to", () => {
	const fingerprint = "0123456789abcdef".repeat(4);
	const asPrinted = "01:23:45:67:89:AB:CD:EF:".repeat(4).slice(0, -1);
	const addresses: [text: string, host: string, port: number, fingerprint?: string][] = [
		["example", "example", 5050],
		["example:1", "example", 1],
		["127.0.0.1:65535", "127.0.0.1", 65_535],
		["[::1]", "::1", 5050],
		["[::1]:6000", "::1", 6000],
		["Chat.EXAMPLE:6000", "chat.example", 6000],
		[`example#${fingerprint}`, "example", 5050, fingerprint],
		[`[::1]:6000#${asPrinted}`, "::1", 6000, fingerprint],
	];
	for (const [text, host, port, fingerprint] of addresses)
		expect(client([text])?.endpoint).toEqual({ host, port, fingerprint });
});

/** All that a login needs, so that nobody has to be asked. */
const UNASKED = {
	FERNET_CHAT_NAME: "ann",
	FERNET_CHAT_EMAIL: "ann@gmail.com",
	FERNET_CHAT_PASSWORD: "abcdefghijklmnop",
};

const impossible: [door: Door, args: string[], env: Environment, names: string][] = [
	["server.ts", ["--prot", "1"], {}, "--prot"],
	["server.ts", ["-p", "1"], {}, "-p"],
	["server.ts", ["5050"], {}, '"5050"'],
	["server.ts", ["--port"], {}, "--port"],
	["server.ts", ["--tls-cert", "a.pem"], {}, "--tls-key"],
	["server.ts", ["--tls", "--tls-key", "a.pem"], {}, "--tls-cert"],
	["client.ts", ["example#"], {}, "fingerprint"],
	["client.ts", [`example#${"0".repeat(63)}`], {}, "fingerprint"],
	["client.ts", [`example#${"g".repeat(64)}`], {}, "fingerprint"],
	["server.ts", ["--stay=no"], {}, "--stay"],
	...["65536", "-1", "abc", "", "1e3", "5050.5", " 1"].map(
		(port): [Door, string[], Environment, string] => [
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
	["server.ts", ["--smtp", "http://x"], {}, "--smtp"],
	["server.ts", ["--smtp", "smtps://x:0"], {}, "--smtp"],
	["server.ts", ["--smtp", "smtps://ann:secret@x"], {}, "--smtp"],
	["server.ts", ["--mailer", "http://x"], MAILER, "--mailer"],
	["server.ts", ["--mailer", "smtps://x"], {}, "FERNET_CHAT_MAILER_USER"],
	...[{ FERNET_CHAT_MAILER_USER: "room" }, { FERNET_CHAT_MAILER_PASSWORD: "line\nbreak" }].map(
		(wrong): [Door, string[], Environment, string] => [
			"server.ts",
			["--mailer", "smtps://x"],
			{ ...MAILER, ...wrong },
			"FERNET_CHAT_MAILER_PASSWORD",
		],
	),
	// Codes would let in all of Gmail, beside the accounts of another house.
	...[[], ["--methods", "token,code"]].map((methods): [Door, string[], Environment, string] => [
		"server.ts",
		["--smtp", "smtps://mail.school.edu", "--mailer", "smtps://mail.school.edu", ...methods],
		MAILER,
		"mail.school.edu: say who may come in with --allow",
	]),
	[
		"server.ts",
		["--methods", "password,magic"],
		{},
		"each of --methods must be one of password, token, code",
	],
	["server.ts", ["--methods="], {}, "--methods must be one of"],
	["server.ts", ["--methods", "password,code"], {}, "--mailer"],
	["server.ts", [], { FERNET_CHAT_STAY: "perhaps" }, "FERNET_CHAT_STAY"],
	["client.ts", ["--port", "1"], {}, "--port"],
	["client.ts", ["--name", "two words"], {}, "--name"],
	["client.ts", ["--name", "x".repeat(25)], {}, "--name"],
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
	["client.ts", ["--token"], UNASKED, "FERNET_CHAT_TOKEN"],
	["client.ts", ["--token"], { ...UNASKED, FERNET_CHAT_TOKEN: "two words" }, "FERNET_CHAT_TOKEN"],
	["client.ts", ["--token"], { FERNET_CHAT_TOKEN: "ya29.a0-_~+/=" }, "--name, --email"],
	["client.ts", ["--token=ya29.secret"], UNASKED, "--token"],
	["client.ts", ["--bell", "loud"], {}, "--bell"],
	["server.ts", ["--addresses", "some"], {}, "--addresses"],
	["server.ts", ["--log", "xml"], {}, "--log"],
	...["ann", "", "ann@gmail.com,", "ann@gmail.com;bob", "+x@gmail.com", "..@gmail.com"].map(
		(owner): [Door, string[], Environment, string] => [
			"server.ts",
			["--owner", owner],
			{},
			"--owner",
		],
	),
	...["", "a\ttab", "x".repeat(81)].map((title): [Door, string[], Environment, string] => [
		"server.ts",
		["--title", title],
		{},
		"--title",
	]),
	["server.ts", ["--state", ""], {}, "--state"],
	...Object.entries(LIMITS).flatMap(([name, { min, max }]) => {
		const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
		return [min - 1, max + 1, "1.5", "1k"].map((value): [Door, string[], Environment, string] => [
			"server.ts",
			[`${flag}=${value}`],
			{},
			`${flag} must be a whole number from ${min} to ${max}`,
		]);
	}),
];

describe("what cannot be meant", () => {
	for (const [door, args, env, names] of impossible) {
		const given = [...Object.entries(env).map((pair) => pair.join("=")), door, ...args].join(" ");
		test(given, () => {
			const read = () => DOORS[door](args, env);
			expect(read).toThrow(UsageError);
			expect(read).toThrow(names);
		});
	}

	const sentences: [args: string[], env: Environment, sentence: string][] = [
		[["--port=1e3"], {}, '--port must be a whole number from 0 to 65535, not "1e3"'],
		[["--log=a\nb"], {}, '--log must be one of text, json, not "a\\nb"'],
		[
			[],
			{ FERNET_CHAT_LOG: "xml" },
			'FERNET_CHAT_LOG (--log) must be one of text, json, not "xml"',
		],
		[[], { FERNET_CHAT_STAY: "so" }, 'FERNET_CHAT_STAY (--stay) must be 1 or 0, not "so"'],
		[["--motd="], {}, '--motd must be a path, not ""'],
		[["--tls-key="], {}, '--tls-key must be a path, not ""'],
		[
			["--owner", "ann@gmail.com, bob"],
			{},
			'each of --owner must be an address like somebody@gmail.com, not "bob"',
		],
	];
	for (const [args, env, sentence] of sentences) {
		test(`is named, with what was expected and what came: ${sentence}`, () => {
			expect(() => server(args, env)).toThrow(new UsageError(sentence));
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
		const token = () => client(["--token"], { ...UNASKED, FERNET_CHAT_TOKEN: "ya29 efgh" });
		expect(token).toThrow(UsageError);
		expect(token).not.toThrow("efgh");
	});

	test("does not stand in the way of --help", () => {
		expect(server(["--port", "abc", "--help"], { FERNET_CHAT_STAY: "perhaps" })).toBeNull();
		expect(client(["--bell", "loud", "--help"])).toBeNull();
	});

	const sample: [door: Door, args: string[], env: Environment, names: string][] = [
		["server.ts", ["--port", "65536"], {}, "--port"],
		["server.ts", ["--prot", "1"], {}, "--prot"],
		["client.ts", ["127.0.0.1:99999"], UNASKED, "port"],
		["client.ts", [], { FERNET_CHAT_JSON: "perhaps" }, "FERNET_CHAT_JSON"],
	];
	for (const [door, args, env, names] of sample) {
		test(`${door} says so in one sentence on stderr and exits 1: ${names}`, async () => {
			await using program = new Program(door, args, env);
			expect(await program.exit()).toBe(1);
			expect(program.err.trimEnd().split("\n")).toEqual([expect.stringContaining(names)]);
			expect(program.out).toBe("");
		});
	}

	test("a client without a terminal is told how to do without one", async () => {
		await using program = new Program("client.ts", [], {});
		expect(await program.exit()).toBe(1);
		expect(program.err).toContain("--name, --email and FERNET_CHAT_PASSWORD");
	});

	test("an address that is not this machine's", async () => {
		// TEST-NET-1 belongs to nobody.
		await using program = new Program("server.ts", ["--host", "192.0.2.1", "--port", "0"], {});
		expect(await program.exit()).toBe(1);
		expect(program.err).toContain("192.0.2.1");
		expect(program.err.trimEnd().split("\n")).toHaveLength(1);
	});
});

test("port 0 takes a free one, and the line printed names it, the folder and the mailbox", async () => {
	await using stage = await Stage.open();
	expect(stage.port).toBeGreaterThan(0);
	const [line, ...more] = stage.server.out.trimEnd().split("\n");
	expect(line).toContain(`127.0.0.1:${stage.port}`);
	expect(line).toContain(stage.keys);
	expect(line).toMatch(/smtps:\/\/localhost:\d+/);
	expect(more).toEqual([]);
	await stage.member("ann");
});

test("the environment reaches both programs", async () => {
	await using stage = await Stage.open("--stay");
	const env = {
		FERNET_CHAT_NAME: "ann",
		FERNET_CHAT_EMAIL: "ann@gmail.com",
		FERNET_CHAT_PASSWORD: PASSWORD,
		FERNET_CHAT_JSON: "1",
		FERNET_CHAT_KEYS: stage.keys,
	};
	await using client = new Bot("client.ts", [`127.0.0.1:${stage.port}`], env);
	await client.hears({ type: "welcome", name: "ann" });
	await using server = new Program("server.ts", [], {
		FERNET_CHAT_PORT: String(stage.port),
		FERNET_CHAT_KEYS: join(stage.keys, "others"),
	});
	expect(await server.exit()).toBe(1);
	expect(server.err).toContain(`port ${stage.port}`);
});

test("--stay keeps the room open when the last member has left", async () => {
	await using stage = await Stage.open("--stay");
	for (const name of ["ann", "bob"]) {
		const member = await stage.member(name);
		expect(await member.hears({ type: "welcome" })).toMatchObject({ members: [name] });
		member.endInput();
		expect(await member.exit()).toBe(0);
	}
	expect(stage.server.out).not.toContain("empty");
	expect(await stage.keyFiles()).toEqual([]);
});

test("--max-members 1 has no room for a second, until the first has left", async () => {
	await using stage = await Stage.open("--stay", "--max-members", "1");
	const ann = await stage.member("ann");
	const bob = stage.bot("bob");
	expect(await bob.exit()).toBe(2);
	expect(bob.lines).toMatchObject([{ type: "denied", code: "room_full" }]);
	ann.say("alone");
	await ann.hears({ type: "said", text: "alone" });
	ann.endInput();
	await ann.exit();
	await stage.member("bob");
});
