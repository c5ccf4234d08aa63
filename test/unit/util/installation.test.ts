import { expect, test } from "bun:test";
import { Installation } from "../../../lib/util/installation.ts";
import manifest from "../../../package.json";

// What a person types to start the programs, by how these came to the machine.

const started = (start: {
	root?: string;
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
	});
const commandsOf = (installation: Installation): string[] => [
	installation.own("client"),
	installation.own("server"),
	installation.other("client"),
	installation.other("server"),
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
		expect([clone.own("client"), clone.other("server")]).toEqual([
			"bun client.ts",
			"bun server.ts",
		]);
	}
});

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
	["/srv/it's here/chat", "'/srv/it'\\''s here/chat'", BESIDE],
	["C:\\chat/fernet-chat", "'C:'\\\\'chat/fernet-chat'", BESIDE],
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
