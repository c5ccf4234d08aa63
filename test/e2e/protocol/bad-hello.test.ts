import { describe, expect, test } from "bun:test";
import { appendFile, chmod, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { randomId } from "../../../lib/util/random-id.ts";
import { Fernet, generateKey } from "../../../lib/wire/crypto/fernet.ts";
import { KeyFolder } from "../../../lib/wire/keys/key-folder.ts";
import { DEFAULTS } from "../../support/defaults.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { openWithBystander } from "./bystander.ts";

// What the server answers in clear while it has no key to answer under; no member may notice.

const { loginLine: LOGIN_LINE } = DEFAULTS;

const { stage } = await openWithBystander();

const knock = (): Peer => stage.tidy(new Peer(stage.port));
const hasKey = async (peer: Peer) => (await stage.keyFiles()).includes(`${peer.id}.key`);
const LOGIN = { type: "login", name: "eve", email: "eve@gmail.com", password: PASSWORD };

/** Checks that the server says this one line in clear and closes the connection. */
async function expectTurnedAway(peer: Peer, code: string, sentence: RegExp): Promise<void> {
	const [, found, text] =
		/^FERNET-CHAT\/1 error (\w+) (.+)\n$/.exec(await peer.waitUntilClosed()) ?? [];
	expect([found, text]).toEqual([code, expect.stringMatching(sentence)]);
	expect(await hasKey(peer)).toBe(false);
}

const id = randomId();
const key = generateKey();
const onlyOurs = /speaks only FERNET-CHAT\/1/;
/** A server cannot be updated by its guest, who is told all the same which side is behind. */
const newer = (version: number): RegExp =>
	new RegExp(
		`version 1 of FERNET-CHAT, and your client speaks version ${version}\\. Update the server\\.$`,
	);
const hellos: [name: string, bytes: string | Uint8Array, code: string, sentence: RegExp][] = [
	["HTTP", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "not_fernet_chat", onlyOurs],
	["an empty line", "\n", "not_fernet_chat", onlyOurs],
	[
		"bytes that are no text",
		new Uint8Array([0x16, 3, 1, 0xff, 0, 10]),
		"not_fernet_chat",
		onlyOurs,
	],
	["a token before the hello", `${new Fernet(key).encrypt("{}")}\n`, "not_fernet_chat", onlyOurs],
	["the longest line allowed", `${"x".repeat(LOGIN_LINE)}\n`, "not_fernet_chat", onlyOurs],
	["a line too long", `${"x".repeat(LOGIN_LINE + 1)}\n`, "line_too_long", /longer than 4096 bytes/],
	["a newer version", `FERNET-CHAT/2 ${id}\n`, "bad_version", newer(2)],
	[
		"a newer version of another shape",
		`FERNET-CHAT/10 ${id} now differs\n`,
		"bad_version",
		newer(10),
	],
	["a newer version alone", "FERNET-CHAT/3\n", "bad_version", newer(3)],
	[
		"an older version",
		`FERNET-CHAT/0 ${id}\n`,
		"bad_version",
		/speaks version 1 of FERNET-CHAT, and your client speaks version 0\. Update the client\.$/,
	],
	["a version that is no number", `FERNET-CHAT/two ${id}\n`, "not_fernet_chat", onlyOurs],
	["a version without end", `FERNET-CHAT/${"2".repeat(99)} ${id}\n`, "not_fernet_chat", onlyOurs],
	[
		"this version in another shape",
		`FERNET-CHAT/1 ${id} ${key} more\n`,
		"not_fernet_chat",
		onlyOurs,
	],
	[
		"a short session id",
		`FERNET-CHAT/1 ${id.slice(1)}\n`,
		"bad_session_id",
		/32 characters of 0-9 a-f/,
	],
	[
		"a path for an id",
		"FERNET-CHAT/1 ../../etc/passwd\n",
		"bad_session_id",
		/32 characters of 0-9 a-f/,
	],
	["a key in clear", `FERNET-CHAT/1 ${id} ${key}\n`, "key_in_clear", /Never use that key again/],
];

describe("instead of a hello", () => {
	for (const [name, bytes, code, sentence] of hellos) {
		test(name, async () => {
			const peer = knock();
			peer.raw(bytes);
			await expectTurnedAway(peer, code, sentence);
			expect(peer.received).not.toContain(key);
		});
	}

	test("no newline for ever", async () => {
		const peer = knock();
		await eventually("an answer", () => {
			peer.raw("x".repeat(100));
			return peer.received !== "";
		});
		await expectTurnedAway(peer, "line_too_long", /longer than 4096 bytes/);
	});

	test("a session id that serves another connection, which goes on", async () => {
		const first = Peer.greeting(stage);
		const second = knock();
		second.line(`FERNET-CHAT/1 ${first.id}`);
		expect(await second.waitUntilClosed()).toMatch(/^FERNET-CHAT\/1 error session_in_use .+\n$/);
		expect(await hasKey(first)).toBe(true);
		first.send(LOGIN);
		await first.waitFor("welcome");

		const third = knock();
		third.line(`FERNET-CHAT/1 ${first.id}`);
		expect(await third.waitUntilClosed()).toMatch(/^FERNET-CHAT\/1 error session_in_use .+\n$/);
		expect(await hasKey(first)).toBe(true);
		first.send({ type: "leave" });
		expect(await first.waitFor("closing")).toMatchObject({ code: "left" });
	});
});

const elsewhere = join(stage.keys, "elsewhere");
const notAKey = "this text has the length of a key, I am sure!".slice(0, 44);
const files: [name: string, make: (path: string) => unknown, sentence: RegExp][] = [
	["a link", (path) => symlink(elsewhere, path), /is a link/],
	["a link to nowhere", (path) => symlink(join(stage.keys, "nowhere"), path), /is a link/],
	["a FIFO", (path) => Bun.spawnSync(["mkfifo", "-m", "600", path]), /not a regular file/],
	["readable by the group", (path) => writeFile(path, key, { mode: 0o640 }), /chmod 600/],
	["writable by all", (path) => writeFile(path, key).then(() => chmod(path, 0o602)), /chmod 600/],
	["a key and a newline", (path) => writeFile(path, `${key}\n`, { mode: 0o600 }), /44 bytes/],
	["not a key", (path) => writeFile(path, notAKey, { mode: 0o600 }), /not contain a Fernet key/],
];

describe("a key file that is", () => {
	for (const [name, make, sentence] of files) {
		test(name, async () => {
			await writeFile(elsewhere, key, { mode: 0o600 });
			const peer = knock();
			await make(join(stage.keys, `${peer.id}.key`));
			peer.line(`FERNET-CHAT/1 ${peer.id}`);
			await expectTurnedAway(peer, "bad_key_file", sentence);
			for (const secret of [key, notAKey]) expect(peer.received).not.toContain(secret);
			expect(await readFile(elsewhere, "latin1")).toBe(key);
		});
	}

	test("a directory, which is not ours to remove", async () => {
		const peer = knock();
		const path = join(stage.keys, `${peer.id}.key`);
		await mkdir(path, { mode: 0o700 });
		peer.line(`FERNET-CHAT/1 ${peer.id}`);
		expect(await peer.waitUntilClosed()).toMatch(
			/^FERNET-CHAT\/1 error bad_key_file .*regular file\.\n$/,
		);
		await stage.server.waitForOutput("could not remove a session key");
		await rm(path, { recursive: true });
	});

	test("late", async () => {
		const peer = knock();
		peer.line(`FERNET-CHAT/1 ${peer.id}`);
		// While somebody else comes and goes, the server looks for the key again and again.
		const other = await Peer.member(stage, "other");
		other.send({ type: "leave" });
		await other.waitUntilClosed();
		expect([peer.received, peer.closed]).toEqual(["", false]);
		peer.send(LOGIN);
		new KeyFolder(stage.keys).save(peer.id, peer.key);
		await peer.waitFor("welcome");
		peer.send({ type: "leave" });
		await peer.waitUntilClosed();
	});

	test("half written, at first", async () => {
		const peer = knock();
		const path = join(stage.keys, `${peer.id}.key`);
		await writeFile(path, "", { mode: 0o600 });
		peer.line(`FERNET-CHAT/1 ${peer.id}`);
		peer.send(LOGIN);
		await appendFile(path, peer.key.slice(0, 20));
		const other = await Peer.member(stage, "other");
		other.send({ type: "leave" });
		await other.waitUntilClosed();
		expect([peer.received, peer.closed]).toEqual(["", false]);
		await appendFile(path, peer.key.slice(20));
		await peer.waitFor("welcome");
		peer.send({ type: "leave" });
		await peer.waitUntilClosed();
	});

	test("late, for somebody who cannot wait", async () => {
		const peer = knock();
		peer.line(`FERNET-CHAT/1 ${peer.id}`);
		peer.send(LOGIN);
		peer.send({ type: "who" });
		await expectTurnedAway(peer, "too_early", /Wait for the answer/);
	});
});
