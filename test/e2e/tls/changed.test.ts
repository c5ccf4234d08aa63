import { expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ELSEWHERE, fingerprintOf, selfSigned } from "../../support/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { Detour, Pretender } from "./pretender.ts";
import { TlsStage } from "./tls-stage.ts";

// A server that shows another certificate than before.

const before = await selfSigned("chat.test");
const after = await selfSigned("chat.test");

/** What a client says about a changed server, with the command that accepts the change. */
const sentence = new RegExp(
	`from ${fingerprintOf(before)} to ${fingerprintOf(after)}.*bun client\\.ts '(\\S+#[0-9a-f]{64})'$`,
);

test("a bot is refused until it is told the new fingerprint, and then goes by that one", async () => {
	await using tls = await TlsStage.certified(before);
	const address = `${ELSEWHERE}:${tls.port}`;
	const known = await tls.member("ann", `${address}#${fingerprintOf(before)}`);
	known.endInput();
	await known.exit();
	await tls.renew(after);
	tls.stage.server.kill("SIGHUP");

	const refused = await tls.bot("ann", address);
	expect(await refused.exit()).toBe(3);
	expect(refused.lines).toMatchObject([{ type: "closed", reason: "server_changed" }]);
	const [, wayOut = ""] = sentence.exec(String(refused.lines[0]?.text)) ?? [];
	expect(wayOut).toBe(`${address}#${fingerprintOf(after)}`);
	const stale = await tls.bot("ann", `${address}#${fingerprintOf(before)}`);
	expect(await stale.exit()).toBe(3);
	expect(stale.lines).toMatchObject([{ type: "closed", reason: "wrong_fingerprint" }]);

	const told = await tls.member("ann", wayOut);
	told.endInput();
	await told.exit();
	await tls.member("ann", address);
});

test("a person is not asked whether to trust it, and told what to do", async () => {
	await using tls = await TlsStage.certified(before);
	await using pretender = await Pretender.open({ identity: after });
	const address = `${ELSEWHERE}:${pretender.port}`;
	const folder = join(tls.home("ann"), "fernet-chat");
	await mkdir(folder, { recursive: true });
	await writeFile(
		join(folder, "servers.json"),
		JSON.stringify({ [address]: fingerprintOf(before) }),
	);
	for (const flags of [[], ["--plain"]]) {
		await using person = await tls.person("ann", address, flags, {});
		const wayOut = `bun client.ts '${address}#${fingerprintOf(after)}'`;
		await eventually(
			wayOut,
			() => person.text.replaceAll("\n", "").includes(wayOut),
			() => person.text,
		);
		expect(person.text).toContain("has changed from");
		expect(await person.exit()).toBe(3);
		expect(person.text).not.toContain("Is this the fingerprint");
	}
	await pretender.waitUntilLeft();
	expect(pretender.heard.length).toBe(0);
});

for (const [how, fingerprint, reason] of [
	["told the fingerprint", `#${fingerprintOf(before)}`, "wrong_fingerprint"],
	["that remembers it", "", "server_changed"],
] as const) {
	test(`in the middle of a visit, to a member ${how}: the visit is over, and nothing was sent`, async () => {
		await using tls = await TlsStage.certified(before);
		await using pretender = await Pretender.open({ identity: after });
		await using detour = await Detour.open(tls.port);
		const address = `${ELSEWHERE}:${detour.port}`;
		const first = await tls.member("ann", `${address}#${fingerprintOf(before)}`);
		first.endInput();
		await first.exit();
		const ann = await tls.member("ann", `${address}${fingerprint}`);
		detour.turn(pretender.port);
		ann.say("for the room alone");
		expect(await ann.exit()).toBe(3);
		expect(ann.lines.at(-1)).toMatchObject({ type: "closed", reason });
		await pretender.waitUntilLeft();
		expect(pretender.heard.length).toBe(0);
		const asked = tls.stage.logins.length;
		expect(asked).toBe(2);
	});
}
