import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KeyFolder } from "../../../lib/wire/keys/key-folder.ts";
import { version } from "../../../package.json" with { type: "json" };
import { Peer } from "../../support/peer.ts";
import { type Json, MAILER, Program, Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";

// What a server answers to the question how to log in, before any login.

const QUESTION = { type: "login_methods" };

/** Starts `bun server.ts` with these flags and no others that matter; returns all it answers. */
async function answersOf(flags: string[], env: Record<string, string> = {}): Promise<Json[]> {
	const keys = await mkdtemp(join(tmpdir(), "fernet-chat-keys-"));
	try {
		await using server = new Program("server.ts", ["--port", "0", "--keys", keys, ...flags], env);
		await server.waitForOutput("listens on");
		await using peer = new Peer(Number(/listens on \S+:(\d+)/.exec(server.out)?.[1]));
		new KeyFolder(keys).save(peer.id, peer.key);
		peer.line(`FERNET-CHAT/1 ${peer.id}`);
		peer.send(QUESTION);
		await peer.waitUntilClosed();
		return peer.messages;
	} finally {
		await rm(keys, { recursive: true });
	}
}

const mailServer = "smtps://mail.school.example:4465";
const passwords = ["password", "token"];
/** Offered by every server that remembers devices. */
const device = "device";
type Answer = { methods: string[]; verifier: string };
const servers: [flags: string[], answer: Answer][] = [
	[[], { methods: [...passwords, device], verifier: "gmail.com" }],
	[["--remember-days", "0"], { methods: passwords, verifier: "gmail.com" }],
	[["--smtp", mailServer], { methods: [...passwords, device], verifier: "mail.school.example" }],
	[["--methods", "token"], { methods: ["token", device], verifier: "gmail.com" }],
	[
		["--mailer", mailServer, "--allow", "@school.example"],
		{ methods: [...passwords, "code", device], verifier: "gmail.com" },
	],
];

test.each(servers)(
	"with %j a server names its methods, who verifies, and its version",
	async (flags, answer) => {
		const env = flags.includes("--mailer") ? MAILER : {};
		expect(await answersOf(flags, env)).toEqual([{ ...QUESTION, ...answer, version }]);
	},
);

test("the login page names whoever verifies the password", async () => {
	await using stage = await Stage.local();
	for (const flags of [[], ["--plain"]]) {
		await using screen = new Screen("client.ts", stage.clientArgs(...flags), {
			cols: 120,
			isLocal: true,
		});
		await screen.waitForText("User name");
		expect(screen.text).toContain("Log in with your password at localhost.");
		expect(screen.text).not.toContain("apppasswords");
	}
});
