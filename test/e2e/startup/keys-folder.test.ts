import { expect, test } from "bun:test";
import { chmod, chown, mkdtemp, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKey } from "../../../lib/wire/crypto/fernet.ts";
import { Guest } from "../../support/crowd.ts";
import { problemsIn } from "../../support/log.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { ROOT } from "../../support/root.ts";

// What others may do to keys/, while the server runs and before it starts.

/** An account that is not ours. */
const SOMEBODY = (process.getuid?.() ?? 0) + 1;
/** Also not ours, for a test run that cannot give files away because it is not root. */
const THEIRS = { folder: "/usr", file: "/etc/passwd" };

/** Gives a file to SOMEBODY, if we may; returns whether it did. */
const give = (path: string): Promise<boolean> =>
	chown(path, SOMEBODY, SOMEBODY).then(
		() => true,
		() => false,
	);

/** A folder that a test can fill up. */
interface FullDisk extends AsyncDisposable {
	readonly path: string;
	/** A command that the shell must run before the program. */
	readonly before: string;
	/** Uses up all the space. */
	fill(): Promise<void>;
	empty(): Promise<void>;
}

/** A small disk if we may mount one; else a file size limit that makes writes fail too. */
async function fullDisk(inodes: number): Promise<FullDisk> {
	const path = await mkdtemp(join(tmpdir(), "fernet-chat-disk-"));
	const options = `mode=0700,size=64k,nr_inodes=${inodes}`;
	// Fails for anybody but root, and for root in a namespace that may not mount.
	const { success } = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", options, "none", path]);
	const filler = join(path, `${"f".repeat(32)}.key`);
	return {
		path,
		before: success ? "true" : "ulimit -f 0",
		// Writes as much as fits.
		fill: () => writeFile(filler, generateKey().repeat(2000)).catch(() => {}),
		empty: () => rm(filler),
		async [Symbol.asyncDispose]() {
			if (success) Bun.spawnSync(["umount", "--lazy", path]);
			await rm(path, { recursive: true });
		},
	};
}

/** Runs a program in a shell; returns what it printed and how it ended. */
async function runs(
	before: string,
	args: string[],
	env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
	const program = Bun.spawn(["sh", "-c", `${before}; exec "$0" "$@"`, process.execPath, ...args], {
		cwd: ROOT,
		env: { ...process.env, ...env },
		stdio: ["ignore", "pipe", "pipe"],
	});
	const [out, err] = await Promise.all([program.stdout.text(), program.stderr.text()]);
	return { code: await program.exited, out, err };
}

/** Runs a client that cannot join, and returns what it printed. */
async function joinFails(port: number, keys: string, before = "true"): Promise<string> {
	const who = ["--name", "ben", "--email", "ben@gmail.com", "--json"];
	const args = ["client.ts", `127.0.0.1:${port}`, "--keys", keys, ...who];
	const { code, out, err } = await runs(before, args, { FERNET_CHAT_PASSWORD: PASSWORD });
	expect(code).not.toBe(0);
	return out + err;
}

/** Runs a server that cannot start, and returns its error message. */
async function startFails(keys: string, before = "true"): Promise<string> {
	const args = ["server.ts", "--port", "0", "--keys", keys, "--smtp", "smtp://127.0.0.1:1"];
	const { code, out, err } = await runs(before, args);
	expect([code, out]).toEqual([1, ""]);
	return err;
}

test("another user's key file is no key, and nobody is logged in by it", async () => {
	await using stage = await Stage.local();
	await using member = await Guest.join(stage, "member");
	const peer = stage.tidy(new Peer(stage.port));
	const file = join(stage.keys, `${peer.id}.key`);
	// The file is written elsewhere first, because the server may look at any moment.
	const aside = join(stage.keys, "aside");
	await writeFile(aside, peer.key, { mode: 0o600 });
	const isGiven = await give(aside);
	if (isGiven) await rename(aside, file);
	// Only root can put another user's file there, but anybody can put a link to one.
	else await symlink(THEIRS.file, file);
	peer.line(`FERNET-CHAT/1 ${peer.id}`);
	const reason = isGiven ? "belongs to another user" : "is a link";
	expect(await peer.waitUntilClosed()).toEndWith(`error bad_key_file The key file ${reason}.\n`);
	expect(stage.logins).toHaveLength(1);
	await member.say("hello");
});

test("a folder of another user's is not used, by server or client", async () => {
	await using stage = await Stage.local();
	const own = await mkdtemp(join(tmpdir(), "fernet-chat-keys-"));
	const keys = (await give(own)) ? own : THEIRS.folder;
	const before = await readdir(keys);
	expect(await startFails(keys)).toMatch(
		/^--keys: Cannot keep keys in \S+: it belongs to another user\.\n$/,
	);
	expect(await joinFails(stage.port, keys)).toMatch(/it belongs to another user/);
	expect(await readdir(keys)).toEqual(before);
	await rm(own, { recursive: true });
});

test("a client that finds a folder which others may write in does not put its key there", async () => {
	await using stage = await Stage.local();
	const keys = await mkdtemp(join(tmpdir(), "fernet-chat-keys-"));
	await writeFile(join(keys, "shopping-list"), "milk");
	await chmod(keys, 0o777);
	expect(await joinFails(stage.port, keys)).toMatch(/other users can read it\. Run: chmod 700/);
	expect(await readdir(keys)).toEqual(["shopping-list"]);
	await rm(keys, { recursive: true });
});

test("on a full disk a client says so, leaves nothing, and joins when there is room", async () => {
	await using disk = await fullDisk(20);
	await using stage = await Stage.local("--keys", disk.path);
	const there = { port: stage.port, keys: disk.path };
	await using member = await Guest.join(there, "member");
	await disk.fill();
	const before = await readdir(disk.path);
	const said = await joinFails(stage.port, disk.path, disk.before);
	expect(said).toMatch(/"keys_unusable","text":"Cannot save a session key: .*(ENOSPC|EFBIG)/);
	expect(await readdir(disk.path)).toEqual(before);
	await member.say("hello");

	await disk.empty();
	await using late = await Guest.join(there, "late");
	await Promise.all([member.say("hello"), late.say("hello")]);
});

test("a client that may write no file says so, and leaves none", async () => {
	const keys = await mkdtemp(join(tmpdir(), "fernet-chat-keys-"));
	const said = await joinFails(1, keys, "ulimit -f 0");
	expect(said).toMatch(/"keys_unusable","text":"Cannot save a session key: /);
	expect(await readdir(keys)).toEqual([]);
	await rm(keys, { recursive: true });
});

test("a server that starts on a full disk says so in a sentence", async () => {
	// Not even an empty file fits.
	await using disk = await fullDisk(2);
	await disk.fill();
	expect(await startFails(disk.path, disk.before)).toMatch(
		/^--keys: Cannot use the keys folder \S+: .*(ENOSPC|EFBIG).*\n$/,
	);
});

test("a keys/ that vanishes while running costs no member anything, and may come back", async () => {
	await using stage = await Stage.local();
	await using ann = await Guest.join(stage, "ann");
	const ben = await Guest.join(stage, "ben");
	await rm(stage.keys, { recursive: true });
	await Promise.all([ann.say("hello"), ben.say("hello")]);
	// The key file that the server would delete is gone already.
	await ben.leave();
	const lost = stage.tidy(new Peer(stage.port));
	lost.line(`FERNET-CHAT/1 ${lost.id}`);

	// Like any client that finds no keys folder, this one makes it.
	await using cyd = await Guest.join(stage, "cyd");
	await Promise.all([ann.say("hello"), cyd.say("hello")]);
	expect([...ann.faults, ...cyd.faults]).toEqual([]);
	stage.server.kill();
	expect(await stage.server.exit()).toBe(0);
	expect(await stage.keyFiles()).toEqual([]);
	expect(problemsIn(stage.server)).toEqual([]);
});

test("a keys/ that a file has taken the place of turns newcomers away, and may come back", async () => {
	await using stage = await Stage.local();
	await using ann = await Guest.join(stage, "ann");
	const aside = `${stage.keys}-aside`;
	await rename(stage.keys, aside);
	await writeFile(stage.keys, "");
	const peer = stage.tidy(new Peer(stage.port));
	peer.line(`FERNET-CHAT/1 ${peer.id}`);
	expect(await peer.waitUntilClosed()).toMatch(/error bad_key_file The key file cannot be opened/);
	await ann.say("hello");
	await rm(stage.keys);
	await rename(aside, stage.keys);
	await using ben = await Guest.join(stage, "ben");
	await Promise.all([ann.say("hello"), ben.say("hello")]);
});
