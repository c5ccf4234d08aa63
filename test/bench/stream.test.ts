import { expect, test } from "bun:test";
import { lineReader } from "./contenders/contender.ts";
import { WebSocketRoom } from "./contenders/websocket.ts";
import { Crowd } from "./crowd.ts";
import { Stream } from "./stream.ts";
import { textOf } from "./texts.ts";

const linesOf = (texts: string[]): Buffer => Buffer.from(texts.map((text) => `${text}\n`).join(""));
const open = (): Stream =>
	new Stream(
		lineReader((line) => [line]),
		[0, 0],
		"prose",
	);
const [A0, A1, B0, B1] = [textOf(0, 0), textOf(0, 1), textOf(1, 0), textOf(1, 1)];

test("a stream takes each sender's texts in order, mixed in any way and cut anywhere", () => {
	const bytes = linesOf([A0, B0, B1, A1]);
	for (let cut = 0; cut <= bytes.length; cut++) {
		const stream = open();
		stream.hear(0, bytes.subarray(0, cut));
		stream.hear(cut, bytes.subarray(cut));
		expect(stream.count).toBe(4);
		expect(stream.from).toEqual([0, 1, 1, 0]);
		expect(stream.nth).toEqual([0, 0, 1, 1]);
	}
});

test.each([
	["missing", [A1]],
	["doubled", [A0, A0]],
	["changed", [A0.replace(/.$/, "#")]],
	["cut short", [A0.slice(0, -1)]],
	["out of order", [B0, A0, B1, textOf(1, 3), textOf(1, 2)]],
	["of nobody", [textOf(2, 0)]],
])("a text that is %s is noticed", (_, texts) => {
	expect(() => open().hear(0, linesOf(texts))).toThrow("not number");
});

test("a byte that only one member hears is noticed, wherever it is", () => {
	const bytes = linesOf([A0, B0]);
	for (let at = 0; at < bytes.length; at++) {
		const stream = open();
		stream.hear(0, bytes);
		const other = Buffer.from(bytes);
		other[at] = (other[at] ?? 0) ^ 1;
		expect(() => stream.hear(0, other)).toThrow("something else");
	}
});

test("a member who is behind, and one who goes ahead, are held to the same", () => {
	const stream = open();
	stream.hear(0, linesOf([A0]));
	stream.hear(0, linesOf([A0, A1]));
	expect(() => stream.hear(0, linesOf([A0, B0]))).toThrow("something else");
});

test("a crowd counts every delivery of a real server", async () => {
	await using room = await WebSocketRoom.open();
	using crowd = await Crowd.gather(room, 4);
	expect((await crowd.closedLoop(100, 7)).deliveries).toBe(4 * 100 * 4);
	expect(await crowd.openLoop(5, 1000)).toHaveLength(4 * 5);
});

test("a crowd fails when a server says something that nobody has said", async () => {
	await using room = await WebSocketRoom.open();
	using crowd = await Crowd.gather(room, 4);
	await crowd.closedLoop(1, 1);
	const stranger = new WebSocket(`ws://127.0.0.1:${room.port}`);
	await new Promise((resolve) => stranger.addEventListener("open", resolve));
	stranger.send(textOf(0, 0));
	await expect(crowd.closedLoop(100, 1)).rejects.toThrow("not number");
	stranger.close();
});
