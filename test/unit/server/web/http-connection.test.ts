import { expect, test } from "bun:test";
import type { Connection } from "../../../../lib/server/net/connection.ts";
import { HttpConnection } from "../../../../lib/server/web/http-connection.ts";
import { sentence } from "../../../../lib/web/response.ts";

/** A browser that takes as many bytes as a test says. */
function browser(capacity: number, size = 100, connection: Partial<Connection> = {}) {
	const seen = { taken: "", asked: 0, isPaused: false, isCut: false, isShut: false };
	let now = 0;
	let left = capacity;
	const socket = {
		...{ remoteAddress: "192.0.2.1", setNoDelay() {} },
		write(bytes: Uint8Array, at = 0, length = bytes.length) {
			const count = Math.min(length, left);
			left -= count;
			seen.taken += Buffer.from(bytes).toString("latin1", at, at + count);
			return count;
		},
		pause() {
			seen.isPaused = true;
		},
		resume() {
			seen.isPaused = false;
		},
		terminate() {
			seen.isCut = true;
		},
		shutdown() {
			seen.isShut = true;
		},
	};
	const http = new HttpConnection(socket as never, {
		now: () => now,
		patience: 1000,
		answer: ({ path }) => {
			if (path === "/socket") return { accept: "key", admit: () => connection as Connection };
			seen.asked++;
			return { ...sentence(200, "x"), body: Buffer.alloc(size, "x") };
		},
	});
	return {
		http,
		socket,
		seen,
		ask: (count: number) => http.receive(Buffer.from("GET / HTTP/1.1\r\n\r\n".repeat(count))),
		/** It takes more. */
		take(bytes: number) {
			left += bytes;
			http.drain();
		},
		pass(milliseconds: number) {
			now += milliseconds;
			http.tick(now);
		},
	};
}

const wholeAnswers = (text: string): number => text.split("x".repeat(100)).length - 1;

test("who asks and does not read is asked no more: each answer waits until the one before is taken", () => {
	const { seen, ask, take } = browser(50);
	ask(3);
	expect(seen).toMatchObject({ asked: 1, isPaused: true });
	ask(2);
	expect(seen.asked).toBe(1);
	take(10_000);
	expect(seen).toMatchObject({ asked: 5, isPaused: false, isCut: false });
	expect(wholeAnswers(seen.taken)).toBe(5);
});

test("who takes nothing is cut, and who takes a little is waited for", () => {
	const { seen, ask, take, pass } = browser(50, 10_000);
	ask(1);
	for (let i = 0; i < 5; i++) {
		pass(900);
		take(100);
	}
	expect(seen.isCut).toBe(false);
	pass(1000);
	expect(seen.isCut).toBe(true);
});

test("a browser that is sent away has two seconds to go", () => {
	const { http, seen, pass } = browser(1000);
	http.hangUp({ code: "lobby_full", text: "Full." });
	expect([seen.isShut, seen.taken]).toEqual([true, ""]);
	pass(1999);
	expect(seen.isCut).toBe(false);
	pass(1);
	expect(seen.isCut).toBe(true);
});

test.each([
	["pauses at once", "frames", true],
	["pauses at once, at the first byte", "f", true],
	["goes on", "frames", false],
	["has nothing to read yet", "", false],
])(
	"a WebSocket behind an answer that was waited for, which %s, decides whether to read",
	(_, frames, pauses) => {
		const received: string[] = [];
		const { http, socket, seen, take } = browser(50, 100, {
			receive(chunk) {
				received.push(chunk.toString());
				if (pauses) socket.pause();
			},
		});
		const upgrade = "GET /socket HTTP/1.1\r\n\r\n";
		http.receive(Buffer.from(`GET / HTTP/1.1\r\n\r\n${upgrade}${frames}`));
		expect(seen).toMatchObject({ asked: 1, isPaused: true });
		take(10_000);
		expect(received).toEqual(frames === "" ? [] : [frames]);
		expect(seen.isPaused).toBe(pauses);
	},
);
