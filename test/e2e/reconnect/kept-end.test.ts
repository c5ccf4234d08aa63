import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Change, Entry, Visitor } from "../../../lib/server/room-log/entry.ts";
import { SqliteLog } from "../../../lib/server/sqlite-log/sqlite-log.ts";
import { systemClocks } from "../../../lib/util/clock.ts";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { killLog } from "../../support/killed-log.ts";
import { KeptRoom } from "./kept-room.ts";

// A room in a file ends as any other does, and then nothing of it is left.

/** Everybody says goodbye, and nobody has time to delete the file: a server is killed then. */
function endIn(file: string): void {
	const visits: Visitor[] = [];
	const log = new SqliteLog({
		...{ file, key: `${file}.key`, maxBytes: 1e6, clocks: systemClocks, warn: console.error },
	});
	log.open({
		restore: () => {},
		snapshot: () => null,
		apply: ({ changes }: Entry) => {
			for (const change of changes) if ("visit" in change) visits.push(change);
		},
	});
	const changes = visits.map(
		({ visit, generation }): Change => ({ kind: "left", visit, generation, code: "left" }),
	);
	expect(changes.length).toBeGreaterThan(0);
	log.append({ server: "another", n: 1, changes });
	killLog(dirname(file), log);
}

test("a room that ended just before a kill is not gone on with; the last to leave a new one leaves no file", async () => {
	await using kept = await KeptRoom.open({ endsWhenEmpty: true });
	const { stage } = kept;
	const ann = await stage.member("ann");
	ann.say("before the end");
	await ann.waitFor({ type: "said" });
	expect(kept.files).toEqual(["room", "room-wal", "room.key"]);
	await kept.stop("SIGKILL");
	const key = readFileSync(`${kept.file}.key`, "latin1");
	endIn(kept.file);
	await kept.start();
	await ann.waitFor({ type: "rejoining", code: "resume_expired" });
	expect(readFileSync(`${kept.file}.key`, "latin1")).not.toBe(key);

	ann.say("a new room");
	expect(await ann.waitFor({ type: "said", text: "a new room" })).toMatchObject({ seq: 2 });
	ann.endInput();
	expect(await ann.exit()).toBe(0);
	expect(await stage.server.exit()).toBe(0);
	expect(stage.server.out.trimEnd().split("\n").at(-1)).toBe(reason("room_ended").text);
	expect(kept.files).toEqual([]);
});

test("/close leaves no file, even of a room that has gone on after a restart", async () => {
	await using kept = await KeptRoom.open({}, "--owner", "boss@gmail.com");
	const { stage } = kept;
	const boss = await stage.member("boss");
	const bob = await stage.member("bob");
	await kept.stop("SIGTERM");
	await kept.start();
	await Promise.all([boss, bob].map((bot) => bot.waitFor({ type: "online" })));
	boss.send({ type: "close" });
	expect([await boss.exit(), await bob.exit(), await stage.server.exit()]).toEqual([0, 0, 0]);
	const { text } = reason("room_closed", "boss");
	for (const { lines } of [boss, bob]) {
		expect(lines.at(-1)).toEqual({ type: "closed", reason: "room_closed", text });
	}
	expect(stage.server.out.trimEnd().split("\n").at(-1)).toBe(text);
	expect(kept.files).toEqual([]);
});
