import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { UsageError } from "../../../lib/options/parsers.ts";
import manifest from "../../../package.json";
import { LocalClient } from "../../support/local-client.ts";
import { LocalServer } from "../../support/local-server.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Program, Stage } from "../../support/programs.ts";
import { type Environment, LOGIN, printed } from "../../unit/options/read.ts";

// Flags and environment variables, through the programs themselves.

type Script = "server.ts" | "client.ts";

describe("--help", () => {
	const flags: Record<Script, string[]> = {
		"server.ts": [
			...["--host", "--port", "--keys", "--tls", "--tls-cert", "--tls-key", "--state", "--smtp"],
			...["--stay", "--addresses", "--log", "--owner", "--title", "--motd", "--help", "--version"],
			...["--allow", "--allow-file", "--mailer", "--methods", "--account-codes", "--address-codes"],
			...["--codes", "--history", "--room", "--room-key", "--public"],
			...["--web", "--web-origin", "--trust-proxy"],
			...["--max-members", "--max-per-address", "--max-strangers"],
			...["--hello-time", "--key-time", "--login-time", "--gmail-time", "--idle-time", "--grace"],
			"--remember-days",
			...["--gmail-checks", "--account-logins", "--address-logins"],
			...["--login-line", "--message-line", "--message-rate", "--message-burst"],
			...["--queue-bytes", "--log-events", "--log-bytes"],
		],
		"client.ts": [
			...[
				"[HOST[:PORT][#FINGERPRINT][,HOST…]]",
				"--keys",
				"--name",
				"--email",
				"--token",
				"--bell",
			],
			"--remember",
			...["--patience", "--no-history", "--plain", "--json", "--window", "--help", "--version"],
		],
	};
	for (const script of Object.keys(flags) as Script[]) {
		test(`of ${script} names every flag and exits 0`, async () => {
			await using program = new Program(script, ["--help"], {});
			expect(await program.exit()).toBe(0);
			for (const flag of flags[script]) expect(program.out).toContain(flag);
			// --help must list no flag beyond these.
			const listed = program.out.match(/--[a-z-]+(?=\s)/g) ?? [];
			expect(listed.filter((flag) => !flags[script].includes(flag))).toEqual([]);
			expect(program.out).toContain("FERNET_CHAT_");
			expect(program.err).toBe("");
		});
	}

	test("of client.ts documents the exit codes", () => {
		expect(printed["client.ts"]("--help").replaceAll(/\s+/g, " ")).toMatch(
			/0 you left or the room ended; 1 wrong usage; 2 login denied, kicked or banned; 3 server/,
		);
	});

	test("says where secrets come from, and that no flag's variable is taken for one", () => {
		const [ofServer, ofClient] = [printed["server.ts"]("-h"), printed["client.ts"]("-h")].map(
			(page) => page.replaceAll(/\s+/g, " "),
		);
		expect(ofServer).toMatch(
			/--mailer URL .*FERNET_CHAT_MAILER_USER and FERNET_CHAT_MAILER_PASSWORD/,
		);
		expect(ofClient).toMatch(/--token .*FERNET_CHAT_TOKEN/);
		expect(ofClient).toContain("Only --token, --help and --version have none.");
		expect(ofServer).toContain("Only --help and --version have none.");
	});

	test("fits into 80 columns, in both programs", () => {
		for (const print of Object.values(printed)) {
			const lines = print("--help").split("\n");
			expect(lines.filter((line) => Bun.stringWidth(line) > 80)).toEqual([]);
			expect(lines.length).toBeGreaterThan(20);
		}
	});
});

describe("a flag by another name", () => {
	test("-h is --help, -v is --version, which is that of package.json", async () => {
		for (const [script, print] of Object.entries(printed) as [Script, (typeof printed)[Script]][]) {
			expect(print("-h")).toBe(print("--help"));
			expect(print("-v")).toBe(`fernet-chat ${manifest.version}`);
			await using program = new Program(script, ["--version"], {});
			expect([await program.exit(), program.out]).toEqual([0, `${print("-v")}\n`]);
		}
	});

	test.each([
		["--prot", "--port"],
		["--onwer=x", "--owner"],
		["--max-member", "--max-members"],
		["--TLS", null],
		["--hsot", "--host"],
		["--sty", "--stay"],
		["--nonsense", null],
		["-x", null],
	])("%s is unknown, with a suggestion where there is one", (typed, meant) => {
		const ask = () => printed["server.ts"](typed);
		expect(ask).toThrow(UsageError);
		if (meant === null) expect(ask).not.toThrow(/Did you mean/);
		else
			expect(ask).toThrow(
				new RegExp(`Unknown option '${typed.split("=")[0]}'\\. Did you mean ${meant}\\?`),
			);
	});
});

describe("what is not usable", () => {
	const sample: [script: Script, args: string[], env: Environment, names: string][] = [
		["server.ts", ["--port", "65536"], {}, "--port"],
		["server.ts", ["--prot", "1"], {}, "--prot"],
		["client.ts", ["127.0.0.1:99999"], LOGIN, "port"],
		["client.ts", ["–plain"], LOGIN, 'no flag "–plain"'],
		["client.ts", [], { FERNET_CHAT_JSON: "perhaps" }, "FERNET_CHAT_JSON"],
		["server.ts", ["--port", "0"], { FERNET_CHAT_ALLOW: "" }, "FERNET_CHAT_ALLOW is empty"],
		["server.ts", ["--port", "0"], { FERNET_CHAT_ALOW: "@school.edu" }, '"FERNET_CHAT_ALOW"'],
		["client.ts", [], { ...LOGIN, FERNET_CHAT_BEL: "off" }, '"FERNET_CHAT_BEL"'],
	];
	for (const [i, [script, args, env, names]] of sample.entries()) {
		test(`${script} says so in one sentence on stderr and exits 1: ${names}`, async () => {
			// Some are programs; the others run here, which prints the same.
			const inProcess = script === "server.ts" ? LocalServer : LocalClient;
			await using program = i % 2 === 0 ? new Program(script, args, env) : new inProcess(args, env);
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

test.each(["0.0.0.0", "::"])(
	"without TLS on %s, the server says who can see what",
	async (host) => {
		await using stage = await Stage.local("--host", host);
		await stage.server.waitForOutput("Others on the network");
		const [, line = ""] = stage.server.out.trimEnd().split("\n");
		expect(line).toContain("They can see when somebody says something and how much, but not what.");
		expect(line).toContain(`Without --tls, only those with access to the folder ${stage.keys} can`);
	},
);

test("the environment reaches both programs", async () => {
	await using stage = await Stage.local();
	const env = {
		// An orchestrator's, for a service of this name; they mean nothing to the programs.
		FERNET_CHAT_SERVICE_HOST: "10.0.0.1",
		FERNET_CHAT_PORT: "tcp://10.0.0.1:5050",
		FERNET_CHAT_PORT_5050_TCP: "tcp://10.0.0.1:5050",
		FERNET_CHAT_NAME: "ann",
		FERNET_CHAT_EMAIL: "ann@gmail.com",
		FERNET_CHAT_PASSWORD: PASSWORD,
		FERNET_CHAT_JSON: "1",
		FERNET_CHAT_KEYS: stage.keys,
	};
	await using client = new Program("client.ts", [`127.0.0.1:${stage.port}`], env);
	await client.waitForOutput('{"type":"welcome","name":"ann"');
	await using server = new Program("server.ts", [], {
		FERNET_CHAT_PORT: String(stage.port),
		FERNET_CHAT_KEYS: join(stage.keys, "others"),
	});
	expect(await server.exit()).toBe(1);
	expect(server.err).toContain(`Port ${stage.port}`);
});

test("--stay keeps the room open when the last member has left", async () => {
	await using stage = await Stage.local();
	for (const name of ["ann", "bob"]) {
		const member = await stage.member(name);
		expect(await member.waitFor({ type: "welcome" })).toMatchObject({
			members: [{ name, visit: expect.stringMatching(/^[\w-]{4,22}$/) }],
		});
		member.endInput();
		expect(await member.exit()).toBe(0);
	}
	expect(stage.server.out).not.toContain("empty");
	expect(await stage.keyFiles()).toEqual([]);
});

test("--max-members 1 has no room for a second, until the first has left", async () => {
	await using stage = await Stage.local("--max-members", "1");
	const ann = await stage.member("ann");
	const bob = stage.bot("bob");
	expect(await bob.exit()).toBe(5);
	expect(bob.lines).toMatchObject([{ type: "denied", code: "room_full" }]);
	ann.say("alone");
	await ann.waitFor({ type: "said", text: "alone" });
	ann.endInput();
	await ann.exit();
	await stage.member("bob");
});
