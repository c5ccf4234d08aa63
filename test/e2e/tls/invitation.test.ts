import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fingerprintOf, selfSigned } from "../../support/certificates.ts";
import { problemsIn } from "../../support/log.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { Bot, Stage } from "../../support/programs.ts";
import { save } from "./tls-stage.ts";

// What a server prints for members on other devices, where the operator says how they reach the room.

let folder: string;
let flags: string[];
const identity = await selfSigned("chat.test");
const own = fingerprintOf(identity);
const other = "3f2a".repeat(16);
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "fernet-chat-invitation-"));
	const [cert, key] = await save(folder, identity);
	flags = ["--tls-cert", cert, "--tls-key", key];
});
afterAll(() => rm(folder, { recursive: true }));

const printed = (stage: Stage): string =>
	/join with: bun client\.ts '(.*)'\n/.exec(stage.server.out)?.[1] ?? "";

test("a member joins by it as it stands, on a device that knows nothing, also if a server is gone", async () => {
	await using stage = await Stage.local(...flags, "--public", "127.0.0.1:1, localhost");
	const { port } = stage;
	expect(printed(stage)).toBe(`127.0.0.1:1#${own},localhost:${port}#${own}`);
	const who = ["--name", "ann", "--email", addressOf("ann"), "--keys", join(folder, "keys")];
	const env = { FERNET_CHAT_PASSWORD: PASSWORD, XDG_CONFIG_HOME: folder };
	await using ann = Bot.local([printed(stage), ...who], env);
	await ann.waitFor({ type: "welcome", server: `localhost:${port}` });
	expect(problemsIn(stage.server)).toEqual([]);
});

test("fingerprints that are given are printed, and a server whose own is not among them says so", async () => {
	const given = `a.example:6000#${own}#${other},[fd00::7]:6000#${other}`;
	for (const [list, isInvited] of [
		[given, true],
		[`a.example:6000#${other},b.example:6000`, true],
		[`a.example:6000#${other}`, false],
	] as const) {
		await using stage = await Stage.local(...flags, "--public", list);
		expect(printed(stage)).toBe(list === given ? list : list.replace(/6000$/, `6000#${own}`));
		if (!isInvited) await stage.server.waitForOutput(/warning/);
		const warnings = problemsIn(stage.server);
		expect(warnings).toHaveLength(isInvited ? 0 : 1);
		if (!isInvited) expect(warnings[0]).toContain("--public");
	}
});
