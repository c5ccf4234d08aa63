import { expect, test } from "bun:test";
import { constants, openSync } from "node:fs";
import { LineWriter } from "../../../lib/server/log/line-writer.ts";
import { Guest } from "../../support/crowd.ts";
import { eventually } from "../../support/eventually.ts";
import { Pipe } from "../../support/pipe.ts";
import { Stage } from "../../support/programs.ts";

// No member may notice when nobody reads the server's log.

/** Two members join and hear each other; the server ends when the test tells it to. */
async function expectUndisturbed(stage: Stage, meanwhile = () => {}): Promise<void> {
	await using ann = await Guest.join(stage, "ann");
	meanwhile();
	await using ben = await Guest.join(stage, "ben");
	await Promise.all([ann.say("hello"), ben.say("hello")]);
	await ben.leave();
	await ann.say("still here");
	stage.server.kill();
	expect(await stage.server.exit()).toBe(0);
	expect(stage.server.out).toContain("The server was stopped.");
}

for (const redirection of ["2>&-", "2>/dev/full"]) {
	test(`a server with ${redirection} serves as ever`, async () => {
		await using stage = await Stage.openWith({ redirection });
		await expectUndisturbed(stage);
	});
}

test("a server whose log's reader goes away serves as ever", async () => {
	const pipe = new Pipe();
	await using stage = await Stage.openWith({ redirection: `2>${pipe.path}` });
	await eventually("a first line", () => pipe.read().includes("started"));
	await expectUndisturbed(stage, () => pipe[Symbol.dispose]());
});

test("a server whose log's reader has stopped serves as ever", async () => {
	using pipe = new Pipe();
	pipe.fill();
	await using stage = await Stage.openWith({ redirection: `2>${pipe.path}` });
	await expectUndisturbed(stage);
});

test("a reader that goes on gets all of it, in order", async () => {
	using pipe = new Pipe();
	pipe.fill();
	await using stage = await Stage.openWith({ redirection: `2>${pipe.path}` });
	const ann = stage.tidy(await Guest.join(stage, "ann"));
	await ann.leave();
	let log = "";
	await eventually("all of the log", () => {
		log += pipe.read();
		return log.includes("left");
	});
	const events = Array.from(log.matchAll(/Z (\w+)/g), ([, event]) => event);
	expect(events).toEqual(["started", "joined", "left"]);
});

test("what waits for a reader is bounded, and taken again when it goes on", async () => {
	using pipe = new Pipe();
	pipe.fill();
	const spool = new LineWriter(openSync(pipe.path, constants.O_WRONLY));
	const line = "x".repeat(1023);
	let taken = 0;
	while (taken < 10_000 && spool.write(line)) taken++;
	// The writer keeps 1024 lines beside the one that it is writing.
	expect(taken).toBe(1024 + 1);
	let read = 0;
	await eventually("all that was taken", () => {
		read += pipe.read().replaceAll("\n", "").length;
		return read >= taken * line.length;
	});
	expect(read).toBe(taken * line.length);
	await spool.flush(1000);
	expect(spool.write("again")).toBe(true);
	await eventually("one more", () => pipe.read() === "again\n");
});
