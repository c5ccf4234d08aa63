import { afterAll, expect, test } from "bun:test";
import { OwnServer } from "../../../lib/page/web-link.ts";
import { eventually } from "../../support/eventually.ts";

// What a page does that cannot stop reading, and cannot keep up.

const MAX_BEHIND = 4 * 1024 * 1024;
const LINE = "x".repeat(64 * 1024);

/** Sends as many lines as it is asked for, however slow their reader is. */
const server = Bun.serve<undefined>({
	hostname: "127.0.0.1",
	port: 0,
	fetch: (request, server) => void server.upgrade(request, { data: undefined }),
	websocket: {
		message: (socket, line) => {
			for (let i = 0; i < Number(line); i++) socket.send(LINE);
			if (Number(line) > 0) socket.send("end");
		},
	},
});
afterAll(() => server.stop(true));

async function open() {
	const lines: string[] = [];
	const seen = { lines, closed: 0, faults: 0 };
	const link = await new OwnServer(server.url.origin).tryInTurn((target) =>
		target.open(
			{ id: "0".repeat(32), key: "" },
			{
				heard: () => {},
				line: (line) => void lines.push(line),
				woke: () => {},
				fault: () => void seen.faults++,
				closed: () => void seen.closed++,
			},
		),
	);
	return { link, seen };
}

const isWhole = (lines: string[]) => lines.at(-1) === "end";

test.each([65, 200, 1000])("hangs up when %d lines come that nobody takes", async (count) => {
	const { link, seen } = await open();
	link.pause();
	link.send(String(count));
	await eventually("it to hang up", () => seen.closed > 0);
	const characters = seen.lines.reduce((sum, line) => sum + line.length, 0);
	expect(characters).toBe(MAX_BEHIND);
	// Whatever was on its way.
	await eventually("the server to see it", () => server.pendingWebSockets === 0);
	expect([seen.lines.length * LINE.length, seen.closed, seen.faults]).toEqual([MAX_BEHIND, 1, 0]);
});

test("takes as many as come while somebody takes them", async () => {
	const { link, seen } = await open();
	link.send("200");
	await eventually("all of them", () => isWhole(seen.lines));
	expect([seen.lines.length, seen.closed]).toEqual([201, 0]);
	link.terminate();
});

test("counts anew in each pause", async () => {
	const { link, seen } = await open();
	for (let pause = 0; pause < 4; pause++) {
		link.pause();
		link.send("40");
		await eventually("all of them", () => isWhole(seen.lines) && seen.lines.length);
		link.resume();
		seen.lines.splice(0);
	}
	expect(seen.closed).toBe(0);
	link.terminate();
});
