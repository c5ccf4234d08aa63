import { expect, test } from "bun:test";
import { chmodSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type KeyFound, KeyPoller } from "../../../../lib/server/keys/key-poller.ts";
import { randomId } from "../../../../lib/util/random-id.ts";
import { generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { KeyFolder } from "../../../../lib/wire/keys/key-folder.ts";
import { eventually } from "../../../support/eventually.ts";
import { ROOT } from "../../../support/root.ts";

/** A keys folder that remembers which sessions' files the poller looked for. */
class WatchedFolder extends KeyFolder implements AsyncDisposable {
	readonly reads: string[] = [];

	static async make(): Promise<WatchedFolder> {
		return new WatchedFolder(await mkdtemp(join(tmpdir(), "fernet-chat-poll-")));
	}

	override read(id: string): string | null {
		this.reads.push(id);
		return super.read(id);
	}

	/** How often the poller looked for one session's file. */
	readsOf(id: string): number {
		return this.reads.filter((read) => read === id).length;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await rm(this.path, { recursive: true });
	}
}

/** A session that waits for its key. */
class Waiter {
	readonly id = randomId();
	readonly key = generateKey();
	readonly results: Parameters<KeyFound>[0][] = [];

	wait(poll: KeyPoller): this {
		poll.waitFor(this.id, (result) => this.results.push(result));
		return this;
	}

	get codes(): unknown[] {
		return this.results.map((result) =>
			"error" in result && result.error instanceof Error && "code" in result.error
				? result.error.code
				: result,
		);
	}
}

test("a key that is there is found at once", async () => {
	await using folder = await WatchedFolder.make();
	const ann = new Waiter();
	folder.save(ann.id, ann.key);
	ann.wait(new KeyPoller(folder));
	expect(ann.results).toEqual([{ key: ann.key }]);
});

test("a key that comes later is found, once", async () => {
	await using folder = await WatchedFolder.make();
	const poll = new KeyPoller(folder);
	const bob = new Waiter().wait(poll);
	const ann = new Waiter().wait(poll);
	await eventually("a second look", () => folder.readsOf(ann.id) > 2);
	expect(ann.results).toEqual([]);
	folder.save(ann.id, ann.key);
	await eventually("found", () => ann.results.length > 0);
	const looks = folder.readsOf(bob.id);
	await eventually("more looks for the other", () => folder.readsOf(bob.id) > looks + 2);
	expect(ann.results).toEqual([{ key: ann.key }]);
	expect(bob.results).toEqual([]);
	poll.stop(bob.id);
});

test("a file that no key may be in is an error, at once or later, once", async () => {
	await using folder = await WatchedFolder.make();
	const poll = new KeyPoller(folder);
	const open = new Waiter();
	folder.save(open.id, open.key);
	chmodSync(join(folder.path, `${open.id}.key`), 0o644);
	expect(open.wait(poll).codes).toEqual(["bad_key_file"]);

	const link = new Waiter().wait(poll);
	const patient = new Waiter().wait(poll);
	symlinkSync("/dev/zero", join(folder.path, `${link.id}.key`));
	await eventually("an error", () => link.results.length > 0);
	const looks = folder.readsOf(patient.id);
	await eventually("more looks for another", () => folder.readsOf(patient.id) > looks + 2);
	expect(link.codes).toEqual(["bad_key_file"]);
	expect(patient.results).toEqual([]);
	poll.stop(patient.id);
});

const zeros = (bytes: number): string => "\0".repeat(bytes);
const stages: [how: string, contents: (key: string) => string[]][] = [
	["created first", () => [""]],
	["written in two parts", (key) => ["", key.slice(0, 20), key.slice(0, 43)]],
	["given its length first", (key) => [zeros(44), `${key.slice(0, 20)}${zeros(24)}`]],
	["written from its end", (key) => [zeros(20), `${zeros(43)}${key.slice(43)}`]],
];
test.each(stages)("a file that is %s is found once it is whole", async (_, contents) => {
	await using folder = await WatchedFolder.make();
	const poll = new KeyPoller(folder);
	const ann = new Waiter();
	const file = join(folder.path, `${ann.id}.key`);
	for (const [i, content] of contents(ann.key).entries()) {
		writeFileSync(file, content, { mode: 0o600 });
		if (i === 0) ann.wait(poll);
		const looks = folder.readsOf(ann.id);
		await eventually("another look", () => folder.readsOf(ann.id) > looks);
		expect(ann.results).toEqual([]);
	}
	writeFileSync(file, ann.key);
	await eventually("found", () => ann.results.length > 0);
	expect(ann.results).toEqual([{ key: ann.key }]);
});

test("a half-written file that becomes one that no key may be in is an error", async () => {
	await using folder = await WatchedFolder.make();
	const poll = new KeyPoller(folder);
	const ann = new Waiter();
	const file = join(folder.path, `${ann.id}.key`);
	writeFileSync(file, "half", { mode: 0o600 });
	ann.wait(poll);
	expect(ann.results).toEqual([]);
	writeFileSync(file, `${ann.key}\n`);
	await eventually("an error", () => ann.results.length > 0);
	expect(ann.codes).toEqual(["bad_key_file"]);
});

test("a key nobody waits for any more is not looked for, and calls nothing", async () => {
	await using folder = await WatchedFolder.make();
	const poll = new KeyPoller(folder);
	const ann = new Waiter().wait(poll);
	const bob = new Waiter().wait(poll);
	poll.stop(ann.id);
	folder.save(ann.id, ann.key);
	const looks = folder.readsOf(ann.id);
	await eventually("more looks for another", () => folder.readsOf(bob.id) > 4);
	expect(folder.readsOf(ann.id)).toBe(looks);
	expect(ann.results).toEqual([]);
	poll.stop(bob.id);
});

test("after nobody has waited for a while, it looks again", async () => {
	await using folder = await WatchedFolder.make();
	const poll = new KeyPoller(folder);
	const ann = new Waiter().wait(poll);
	poll.stop(ann.id);
	const bob = new Waiter().wait(poll);
	folder.save(bob.id, bob.key);
	await eventually("found", () => bob.results.length > 0);
	expect(bob.results).toEqual([{ key: bob.key }]);
});

test("nobody else's file is looked at", async () => {
	await using folder = await WatchedFolder.make();
	const poll = new KeyPoller(folder);
	const stranger = new Waiter();
	folder.save(stranger.id, stranger.key);
	const ann = new Waiter().wait(poll);
	await eventually("some looks", () => folder.reads.length > 4);
	folder.save(ann.id, ann.key);
	await eventually("found", () => ann.results.length > 0);
	expect(new Set(folder.reads)).toEqual(new Set([ann.id]));
});

test("one that is told may stop others and wait again", async () => {
	await using folder = await WatchedFolder.make();
	const poll = new KeyPoller(folder);
	const bob = new Waiter();
	const carol = new Waiter();
	const ann = randomId();
	poll.waitFor(ann, () => {
		poll.stop(bob.id);
		carol.wait(poll);
	});
	bob.wait(poll);
	folder.save(bob.id, bob.key);
	folder.save(ann, generateKey());
	folder.save(carol.id, carol.key);
	await eventually("the last one found", () => carol.results.length > 0);
	expect(bob.results).toEqual([]);
});

/** Runs `steps` with a poller in its own process, which ends only if nothing is left to do. */
async function runAlone(folder: WatchedFolder, steps: string) {
	const lib = join(ROOT, "lib");
	const script = `
		import { KeyPoller } from "${lib}/server/keys/key-poller.ts";
		import { KeyFolder } from "${lib}/wire/keys/key-folder.ts";
		const folder = new KeyFolder(process.argv[1]);
		const poll = new KeyPoller(folder);
		const [id, other, key] = process.argv.slice(2);
		const found = (result) => console.log(JSON.stringify(result));
		${steps}`;
	const words = [folder.path, randomId(), randomId(), generateKey()];
	const child = Bun.spawn([process.execPath, "-e", script, ...words], {
		stdout: "pipe",
		timeout: 4000,
	});
	const out = await child.stdout.text();
	return { out, code: await child.exited, key: words[3] };
}

test.each([
	["nobody ever waited", "", false],
	["the key was there", "folder.save(id, key); poll.waitFor(id, found);", true],
	["the key came", "poll.waitFor(id, found); setTimeout(() => folder.save(id, key), 60);", true],
	["the only one stopped", "poll.waitFor(id, found); poll.stop(id);", false],
	[
		"one was found and the other stopped",
		"poll.waitFor(id, found); poll.waitFor(other, found); poll.stop(other); folder.save(id, key);",
		true,
	],
	["a stranger stopped", "poll.stop(id);", false],
])("no timer is left when %s", async (_, steps, isFound) => {
	await using folder = await WatchedFolder.make();
	const { out, code, key } = await runAlone(folder, steps);
	expect(code).toBe(0);
	expect(out).toBe(isFound ? `${JSON.stringify({ key })}\n` : "");
});

test("while nobody waits, nothing is looked for", async () => {
	await using folder = await WatchedFolder.make();
	const poll = new KeyPoller(folder);
	const ann = new Waiter().wait(poll);
	poll.stop(ann.id);
	const looks = folder.reads.length;
	// Another poller serves as the clock: it runs as fast as this one would.
	await using other = await WatchedFolder.make();
	const clock = new KeyPoller(other);
	const bob = new Waiter().wait(clock);
	await eventually("five looks", () => other.reads.length > 5);
	clock.stop(bob.id);
	expect(folder.reads.length).toBe(looks);
});
