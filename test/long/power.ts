#!/usr/bin/env bun
// What a loss of power takes out of a room file. A writer adds entries on a small disk, of which we
// take, at a random moment, what had really been written. Takes root. Usage: bun test/long/power.ts
// [CUTS] [ENTRIES A SECOND]

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Entry } from "../../lib/server/room-log/entry.ts";
import { SqliteLog } from "../../lib/server/sqlite-log/sqlite-log.ts";
import { systemClocks } from "../../lib/util/clock.ts";

const [cuts = "8", rate = "200"] = process.argv.slice(2);
/** Milliseconds: a checkpoint a second, and how long it takes. */
const MOST_LOST = 1500;

function openRoom(folder: string) {
	const file = join(folder, "room");
	const options = { maxBytes: 4 * 1024 * 1024, clocks: systemClocks, warn: console.error };
	const log = new SqliteLog({ file, key: `${file}.key`, ...options });
	const room = {
		count: 0,
		restore: (state: unknown) => {
			room.count = Number(state);
		},
		apply: ({ n }: Entry) => {
			if (n !== room.count + 1) throw new Error(`${n} came after ${room.count}`);
			room.count = n;
		},
		snapshot: () => room.count,
	};
	log.open(room);
	return { log, room };
}

/** The other process: adds entries, and prints the number of each and when it was taken. */
function write(folder: string): void {
	const { log, room } = openRoom(folder);
	setInterval(() => {
		log.append({ server: "a1", n: room.count + 1, changes: [] });
		process.stdout.write(`${room.count} ${performance.timeOrigin + performance.now()}\n`);
	}, 1000 / Number(rate));
}

function run(...command: string[]): void {
	const { success, stderr } = Bun.spawnSync(command);
	if (!success) throw new Error(`${command.join(" ")}: ${stderr}`);
}

/** Returns the milliseconds whose entries were lost. */
async function cut(folder: string): Promise<number> {
	const [image, copy, before, after] = ["image", "copy", "before", "after"].map((name) =>
		join(folder, name),
	) as [string, string, string, string];
	for (const path of [before, after]) mkdirSync(path, { recursive: true });
	run("truncate", "--size=48M", image);
	run("mkfs.ext4", "-qF", image);
	run("mount", "-o", "loop", image, before);
	const writer = Bun.spawn([process.execPath, import.meta.path, cuts, rate, before], {
		stdout: "pipe",
	});
	const lasts = 1500 + Math.random() * 2500;
	const printed = new Response(writer.stdout).text();
	await Bun.sleep(lasts);
	writer.kill("SIGSTOP");
	// What the filesystem has not written into its disk yet is not in the copy.
	run("cp", "--sparse=always", image, copy);
	writer.kill("SIGKILL");
	await writer.exited;
	const taken = (await printed)
		.trimEnd()
		.split("\n")
		.map((line) => line.split(" ").map(Number));
	run("umount", before);
	run("mount", "-o", "loop", copy, after);
	try {
		const { log, room } = openRoom(after);
		log.close();
		const [, last = 0] = taken.at(-1) ?? [];
		const [, kept = 0] = taken[room.count - 1] ?? taken.at(-1) ?? [];
		console.log(
			`${taken.length - room.count} of ${taken.length} lost, ${Math.round(last - kept)} ms`,
		);
		return last - kept;
	} finally {
		run("umount", after);
	}
}

const [, , place] = process.argv.slice(2);
if (place !== undefined) write(place);
else {
	const folder = mkdtempSync(join(tmpdir(), "fernet-chat-power-"));
	let most = 0;
	for (let i = 0; i < Number(cuts); i++) most = Math.max(most, await cut(folder));
	rmSync(folder, { recursive: true });
	const isGood = most < MOST_LOST;
	console.log(isGood ? "all as it must be" : `NOT as it must be: more than ${MOST_LOST} ms`);
	process.exit(isGood ? 0 : 1);
}
