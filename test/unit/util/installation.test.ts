import { expect, test } from "bun:test";
import { Installation } from "../../../lib/util/installation.ts";
import manifest from "../../../package.json";

// What a person types to start the programs, by how these came to the machine.

const started = (start: {
	root?: string;
	cwd?: string;
	argv0?: string;
	runner?: string | undefined;
}): Installation =>
	new Installation({
		root: "/work/fernet-chat",
		isExecutable: start.argv0 !== undefined,
		argv0: "bun",
		bun: "1.4.5",
		runner: undefined,
		...start,
		cwd: () => start.cwd ?? start.root ?? "/work/fernet-chat",
	});
const commandsOf = (installation: Installation): string[] => [
	installation.own("client"),
	installation.own("server"),
	installation.here("client"),
	installation.here("server"),
];
const elsewhere = (installation: Installation): string[] => [
	installation.elsewhere("client"),
	installation.elsewhere("server"),
];

test.each([
	"/work/fernet-chat",
	"/node_modules/chat/copy",
	"/",
	"/work/node_modules-1/fernet-chat",
])("a clone at %s starts its scripts, whatever has run the shell", (root) => {
	for (const runner of [undefined, "npx", "bunx", "start"]) {
		const clone = started({ root, runner });
		expect(clone.kind).toBe("clone");
		const scripts = ["bun client.ts", "bun server.ts"];
		expect(commandsOf(clone)).toEqual([...scripts, ...scripts]);
		expect(elsewhere(clone)).toEqual(scripts);
	}
});

test.each([
	["/work/it's here", ["'/work/it'\\''s here/client.ts'", "'/work/it'\\''s here/server.ts'"]],
	["/opt/fernet-chat", ["/opt/fernet-chat/client.ts", "/opt/fernet-chat/server.ts"]],
	["/new\nline", ["bun client.ts", "bun server.ts"]],
])(
	"a clone at %j is named by its path in another folder, which may have the same names",
	(root, paths) => {
		const clone = started({ root, cwd: "/tmp/hostile" });
		expect(commandsOf(clone)).toEqual([...paths, ...paths]);
		expect(elsewhere(clone)).toEqual(["bun client.ts", "bun server.ts"]);
	},
);

test.each([
	"/usr/lib/node_modules/fernet-chat",
	"/work/x/node_modules/.bun/fernet-chat@1.0.0/node_modules/fernet-chat",
	"/root/.npm/_npx/ff7b/node_modules/fernet-chat",
])("a package at %s starts its programs as it was started", (root) => {
	const name = Object.keys(manifest.bin);
	expect(name).toEqual(["fernet-chat", "fernet-chat-server"]);
	for (const runner of [undefined, "start", ""]) {
		const installed = started({ root, runner });
		expect(installed.kind).toBe("package");
		expect(commandsOf(installed)).toEqual([...name, ...name]);
		expect(elsewhere(installed)).toEqual(name);
	}
	// Not `bunx fernet-chat-server`: that would be another package, anybody's.
	const byBunx = ["bunx fernet-chat", "bunx -p fernet-chat fernet-chat-server"];
	expect(commandsOf(started({ root, runner: "bunx" }))).toEqual([...byBunx, ...byBunx]);
	const byNpx = name.map((each) => `npx -y -p bun@1.4 -p fernet-chat ${each}`);
	expect(commandsOf(started({ root, runner: "npx" }))).toEqual([...byNpx, ...byNpx]);
});

const BESIDE = ["./fernet-chat", "./fernet-chat-server"];

test.each([
	["fernet-chat-x64", "fernet-chat-x64", ["fernet-chat", "fernet-chat-server"]],
	["./chat-linux-x64", "./chat-linux-x64", BESIDE],
	["bin/chat", "bin/chat", ["./bin/fernet-chat", "./bin/fernet-chat-server"]],
	["/opt/chat", "/opt/chat", ["/opt/fernet-chat", "/opt/fernet-chat-server"]],
	[
		"/it's here/chat",
		"'/it'\\''s here/chat'",
		["'/it'\\''s here/fernet-chat'", "'/it'\\''s here/fernet-chat-server'"],
	],
])(
	"an executable started as %s is so again, and the other lies beside it",
	(argv0, own, others) => {
		const executable = started({ root: "/", argv0, runner: "npx" });
		expect(executable.kind).toBe("executable");
		expect(commandsOf(executable)).toEqual([own, own, ...others]);
	},
);

test("an executable whose name no shell can be given is called what it is called elsewhere", () => {
	expect(commandsOf(started({ root: "/", argv0: "./new\nline" }))).toEqual([...BESIDE, ...BESIDE]);
});
