import { describe, expect, test } from "bun:test";
import { homedir } from "node:os";
import { join } from "node:path";
import { clientOptions } from "../../../lib/options/client.ts";
import { DEFAULTS } from "../../support/defaults.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { MAILER } from "../../support/programs.ts";
import { client, type Environment, LOGIN, server } from "./read.ts";

// The values that result from flags, environment and defaults.

const THIS_MACHINE = { host: "127.0.0.1", port: 5050 };

test("help and version are asked for by flags alone", () => {
	const env = { ...LOGIN, FERNET_CHAT_HELP: "1", FERNET_CHAT_VERSION: "1" };
	expect(server([], env)).toBeObject();
	expect(client([], env)).toBeObject();
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
		["room", "/a", "/b", (args, env) => Object(server(args, env)?.room).file],
		["history", "50", "1000000", (args, env) => String(server(args, env)?.history)],
		["grace", "0", "86400", (args, env) => String(server(args, env)?.limits.grace)],
		["keys", "/a", "/b", (args, env) => client(args, env)?.keys],
		["bell", "all", "off", (args, env) => client(args, env)?.bell],
		["patience", "0", "604800", (args, env) => String(client(args, env)?.patience)],
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
		const env = { ...LOGIN, FERNET_CHAT_TOKEN: "ya29.a0-_~+/==" };
		const who = { name: "ann", email: "ann@gmail.com" };
		expect(client(["--token"], env)?.credentials).toEqual({ ...who, token: "ya29.a0-_~+/==" });
		expect(client([], env)?.credentials).toEqual({ ...who, password: "abcdefghijklmnop" });
	});

	test.each(["\n", "\r\n", "\r", "\n\n"])("a secret from a file ends before %j", (end) => {
		const token = { ...LOGIN, FERNET_CHAT_TOKEN: `ya29.a0${end}` };
		expect(client(["--token"], token)?.credentials).toMatchObject({ token: "ya29.a0" });
		// The blanks at the end of a password may be part of it.
		const login = { ...LOGIN, FERNET_CHAT_PASSWORD: `pass word ${end}` };
		expect(client([], login)?.credentials).toMatchObject({ password: "pass word " });
		const mailer = {
			FERNET_CHAT_MAILER_USER: `room@mail.example${end}`,
			FERNET_CHAT_MAILER_PASSWORD: `pass word ${end}`,
		};
		expect(server(["--mailer", "smtps://mail.example"], mailer)?.mailer).toMatchObject({
			...{ user: "room@mail.example", password: "pass word " },
		});
	});

	test("the defaults: this machine, port 5050, Gmail, a room that ends", () => {
		expect(server([])).toMatchObject({
			...{ ...THIS_MACHINE, stay: false, tls: null },
			smtp: { host: "smtp.gmail.com", port: 465, secure: true },
			emailVisibility: "masked",
			log: "text",
			limits: DEFAULTS,
			...{ title: undefined, motd: undefined, owners: new Set(), room: null },
		});
		expect(client([])?.endpoints).toEqual([{ ...THIS_MACHINE, fingerprints: [] }]);
		expect(client([])?.keys).toBe(server([])?.keys);
		expect(client([])?.keys).toEndWith("/keys");
	});
});

test("a room's key lies beside it, unless a flag or a variable says otherwise", () => {
	const env = { FERNET_CHAT_ROOM: "~/room" };
	const file = join(homedir(), "room");
	expect(server([], env)?.room).toEqual({ file, key: `${file}.key` });
	expect(server(["--room-key=~/k"], env)?.room).toEqual({ file, key: join(homedir(), "k") });
	const both = { ...env, FERNET_CHAT_ROOM_KEY: "/k" };
	expect(server(["--room", "a/b"], both)?.room).toEqual({ file: "a/b", key: "/k" });
});

test("owners are known by their accounts, however they are spelt", () => {
	const owners = "Ann.B+chat@googlemail.com, bob@work.example ,annb@gmail.com";
	expect(server(["--owner", owners])?.owners).toEqual(
		new Set(["annb@gmail.com", "bob@work.example"]),
	);
});

test("where the state is kept, unless a flag says so", () => {
	expect(server([], { XDG_STATE_HOME: "/x" })?.state).toBe("/x/fernet-chat");
	for (const [given, folder] of [
		["~", homedir()],
		["~/", homedir()],
		["~/my state", join(homedir(), "my state")],
	] as const)
		expect(server([], { XDG_STATE_HOME: given })).toMatchObject({
			state: join(folder, "fernet-chat"),
			sources: { state: "XDG_STATE_HOME" },
		});
	for (const given of ["", "state", "./state", "../x", "~ann/state", "$HOME/state"]) {
		const options = server([], { XDG_STATE_HOME: given });
		expect(options?.state).toBe(join(homedir(), ".local/state/fernet-chat"));
		expect(options?.sources).toEqual({});
	}
	expect(server([])?.state).toBe(join(homedir(), ".local/state/fernet-chat"));
});

test("a ~ that no shell has replaced, as none does after =, is the home folder", () => {
	const home = homedir();
	const flags = ["--keys=~/k", "--motd=~/my ~/motd", "--allow-file=~/"];
	expect(server(flags, { FERNET_CHAT_STATE: "~" })).toMatchObject({
		...{ keys: join(home, "k"), motd: join(home, "my ~/motd") },
		...{ state: home, allow: { file: join(home, "/") } },
	});
	expect(client([], { FERNET_CHAT_KEYS: "~/k" })?.keys).toBe(join(homedir(), "k"));
	for (const path of ["./~/k", "/x/~", "a~"]) expect(server(["--keys", path])?.keys).toBe(path);
});

test("an address to listen on may have the brackets that a person types elsewhere", () => {
	expect(server(["--host", "[::1]"])?.host).toBe("::1");
	expect(server([], { FERNET_CHAT_HOST: "[2001:db8::7]" })?.host).toBe("2001:db8::7");
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
	const read = ([, host, port, fingerprint]: (typeof addresses)[number]) => {
		return { host, port, fingerprints: fingerprint === undefined ? [] : [fingerprint] };
	};
	for (const each of addresses) expect(client([each[0]])?.endpoints).toEqual([read(each)]);
	const distinct = addresses.slice(1, -1);
	for (const comma of [",", " , ", ",\t"]) {
		const list = distinct.map(([text]) => text).join(comma);
		expect(client([list])?.endpoints).toEqual(distinct.map(read));
	}
});

test("a server's several certificates are each behind a # of its own", () => {
	const [one, two] = ["1".repeat(64), "ab".repeat(32)] as const;
	const several = client([`a#${one}#${"AB:".repeat(32).slice(0, -1)}#${one},[::1]:6000,b#${two}`]);
	expect(several?.endpoints).toEqual([
		{ host: "a", port: 5050, fingerprints: [one, two] },
		{ host: "::1", port: 6000, fingerprints: [] },
		{ host: "b", port: 5050, fingerprints: [two] },
	]);
});

test("what a server invites to has its own port, unless another is given", () => {
	const tls = ["--tls", "--port", "6000"];
	const given = "Chat.Example, [2001:db8::7]:5051";
	const endpoints = [
		{ host: "chat.example", port: 6000, fingerprints: [] },
		{ host: "2001:db8::7", port: 5051, fingerprints: [] },
	];
	expect(server([...tls, "--public", given])?.public).toEqual(endpoints);
	expect(server(tls, { FERNET_CHAT_PUBLIC: given })?.public).toEqual(endpoints);
	expect(server(tls)?.public).toBeUndefined();
});

test("a window asks by itself, on a terminal or without one, whatever else is given", () => {
	for (const args of [["--window"], ["--window", "--remember"]]) {
		expect(client(args, LOGIN)).toMatchObject({
			window: true,
			credentials: null,
			defaults: { name: "ann", email: "ann@gmail.com" },
		});
	}
	const nowhere = { canAsk: false, canDraw: false };
	expect(clientOptions(["--window"], {}, nowhere)).toMatchObject({ window: true });
	expect(client([])).toMatchObject({ window: false });
});
