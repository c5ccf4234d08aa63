import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, lstatSync } from "node:fs";
import { mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { randomId } from "../../../lib/util/random-id.ts";
import { generateKey } from "../../../lib/wire/crypto/fernet.ts";
import { KeyFolder } from "../../../lib/wire/keys/key-folder.ts";
import { eventually } from "../../support/eventually.ts";
import { problemsIn } from "../../support/log.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { TlsStage } from "./tls-stage.ts";

// A client that shares no folder with the server sends its key on the first line.

let tls: TlsStage;
beforeAll(async () => {
	tls = await TlsStage.open();
});
afterAll(() => tls[Symbol.asyncDispose]());

const fileOf = (id: string): string => join(tls.stage.keys, `${id}.key`);

const waitUntilGone = (id: string): Promise<boolean> =>
	eventually("the key gone", () => !existsSync(fileOf(id)));

test("it is in the keys folder like any other for as long as it is used, and no longer", async () => {
	const ann = await tls.peer("ann");
	expect(await readFile(fileOf(ann.id), "utf8")).toBe(ann.key);
	expect((await stat(fileOf(ann.id))).mode & 0o777).toBe(0o600);
	ann.send({ type: "leave" });
	await ann.waitUntilClosed();
	await waitUntilGone(ann.id);

	const lost = await tls.peer("ann");
	lost.cut();
	await waitUntilGone(lost.id);
});

test("in clear it is refused, and not kept", async () => {
	await using clear = await Stage.local();
	for (const { port, keys } of [tls.stage, clear]) {
		await using peer = new Peer(port);
		peer.line(`FERNET-CHAT/1 ${peer.id} ${peer.key}`);
		expect(await peer.waitUntilClosed()).toMatch(/^FERNET-CHAT\/1 error key_in_clear /);
		expect(existsSync(join(keys, `${peer.id}.key`))).toBe(false);
	}
});

const malformed = {
	"too short": "abc",
	"too long": `${generateKey()}A`,
	"of another alphabet": `${"+/".repeat(21)}+=`,
	"without its padding": generateKey().slice(0, 43),
	"with bits that mean nothing": `${"A".repeat(42)}B=`,
	"a path": "../../../../tmp/key",
};

test.each(Object.entries(malformed))("one that is %s is refused, and not kept", async (_, key) => {
	const peer = await tls.caller();
	peer.line(`FERNET-CHAT/1 ${peer.id} ${key}`);
	const answer = await peer.waitUntilClosed();
	expect(answer).toMatch(/^FERNET-CHAT\/1 error invalid_key A Fernet key must be 32 bytes .*\n$/);
	expect(existsSync(fileOf(peer.id))).toBe(false);
});

test.each(["FERNET-CHAT/1 ", `FERNET-CHAT/1 ${randomId()}  `, "GET / HTTP/1.1", "\x16\x03\x01"])(
	"a first line inside TLS that is none of ours: %j",
	async (line) => {
		const peer = await tls.caller();
		peer.line(line);
		expect(await peer.waitUntilClosed()).toMatch(/^FERNET-CHAT\/1 error not_fernet_chat .*\n$/);
	},
);

test("a session that is in use is not taken over, in clear or over TLS, nor is one about to begin", async () => {
	const inClear = await Peer.member(tls.stage, "bob");
	const encrypted = await tls.peer("cyd");
	for (const victim of [inClear, encrypted]) {
		const thief = await tls.caller();
		thief.line(`FERNET-CHAT/1 ${victim.id} ${thief.key}`);
		expect(await thief.waitUntilClosed()).toMatch(/^FERNET-CHAT\/1 error session_in_use /);
		expect(await readFile(fileOf(victim.id), "utf8")).toBe(victim.key);
		victim.send({ type: "say", id: "1", text: "still here" });
		await victim.waitFor("said");
	}

	const next = tls.stage.tidy(new Peer(tls.port));
	new KeyFolder(tls.stage.keys).save(next.id, next.key);
	const thief = await tls.caller();
	thief.line(`FERNET-CHAT/1 ${next.id} ${thief.key}`);
	const answer = await thief.waitUntilClosed();
	expect(answer).toMatch(/^FERNET-CHAT\/1 error session_in_use /);
	expect(answer).not.toContain(tls.stage.keys);
	next.line(`FERNET-CHAT/1 ${next.id}`);
	next.send({ type: "login", name: "dan", email: "dan@gmail.com", password: PASSWORD });
	await next.waitFor("welcome");
});

const inTheWay = {
	"a key that another client saved": (path: string) => writeFile(path, generateKey()),
	"a file of any kind": (path: string) => writeFile(path, "", { mode: 0o644 }),
	"a link to nothing": (path: string) => symlink("nothing", path),
	"a folder": (path: string) => mkdir(path),
};

test.each(Object.entries(inTheWay))(
	"where %s has the name of its key file, the id is taken",
	async (_, make) => {
		const peer = await tls.caller();
		await make(fileOf(peer.id));
		peer.line(`FERNET-CHAT/1 ${peer.id} ${peer.key}`);
		const answer = await peer.waitUntilClosed();
		expect(answer).toMatch(/^FERNET-CHAT\/1 error session_in_use This session id is already taken/);
		expect(lstatSync(fileOf(peer.id))).toBeObject();
		expect(problemsIn(tls.stage.server)).toEqual([]);
	},
);

test("over TLS too a key may come by the folder", async () => {
	const peer = await tls.caller();
	new KeyFolder(tls.stage.keys).save(peer.id, peer.key);
	peer.line(`FERNET-CHAT/1 ${peer.id}`);
	peer.send({ type: "login", name: "eve", email: "eve@gmail.com", password: PASSWORD });
	await peer.waitFor("welcome");
});

test("where the server cannot keep it, the client hears that and no path of the server's", async () => {
	await using broken = await TlsStage.open();
	const ann = await broken.peer("ann");
	await Bun.$`rm -r ${broken.stage.keys}`;
	const bob = await broken.greeting();
	const answer = await bob.waitUntilClosed();
	expect(answer).toMatch(
		/^FERNET-CHAT\/1 error server_fault Something went wrong in the server. .*\n$/,
	);
	ann.send({ type: "say", id: "1", text: "undisturbed" });
	await ann.waitFor("said");
});
