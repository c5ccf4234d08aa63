import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Connection } from "../../../../lib/server/net/connection.ts";
import { randomId } from "../../../../lib/util/random-id.ts";
import { Fernet, generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { FuzzedServer } from "../session/fuzzed-server.ts";

const folder = mkdtempSync(join(tmpdir(), "fernet-chat-connection-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("what has to wait is read before what comes later, whenever the clock ticks", async () => {
	const server = new FuzzedServer(folder, { messageRate: 1000, messageBurst: 1 });
	// Between any two looks at the clock there is a millisecond.
	let step = 0;
	Object.assign(server.context, {
		now: () => {
			server.now += step;
			return server.now;
		},
	});
	let out = "";
	const quiet = { setNoDelay() {}, pause() {}, resume() {}, shutdown() {}, terminate() {} };
	const write = (bytes: Uint8Array, at = 0, length = bytes.length): number => {
		out += Buffer.from(bytes).toString("latin1", at, at + length);
		return length;
	};
	const socket = { ...quiet, remoteAddress: "127.0.0.1", write };
	const connection = new Connection(socket as never, server.context);
	const [id, key] = [randomId(), generateKey()];
	const fernet = new Fernet(key);
	writeFileSync(join(folder, `${id}.key`), key, { mode: 0o600 });
	let n = 0;
	const token = (...messages: object[]): string => {
		const now = Math.floor(server.now / 1000);
		return `${fernet.encrypt(JSON.stringify({ n: n++, messages }), { now })}\n`;
	};
	connection.receive(Buffer.from(`FERNET-CHAT/1 ${id}\n`));
	const login = { type: "login", name: "ann", email: "ann@gmail.com", password: "x" };
	connection.receive(Buffer.from(token(login)));
	await server.settle();
	server.now += 1000;
	connection.tick(server.now);
	step = 1;
	const pings = () => token(...Array(3).fill({ type: "ping", private: 0 }));
	connection.receive(Buffer.from(pings() + pings() + pings()));
	connection.receive(Buffer.from(pings()));
	for (let i = 0; i < 10; i++) {
		server.now += 1000;
		connection.tick(server.now);
		await server.settle();
	}
	const types = out
		.split("\n")
		.filter((line) => line.startsWith("0 "))
		.flatMap((line) => JSON.parse(Buffer.from(fernet.decrypt(line.slice(2))).toString()).messages)
		.map(({ type }: { type: string }) => type);
	expect(types).toEqual(["welcome", ...Array(12).fill("pong")]);
});
