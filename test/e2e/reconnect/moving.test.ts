import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fernet, generateKey } from "../../../lib/wire/crypto/fernet.ts";
import { KeyFolder } from "../../../lib/wire/keys/key-folder.ts";
import { listen, portOf } from "../../support/listen.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Bot, type Json } from "../../support/programs.ts";

// The reasons to close after which a client comes back at once. The server of this test only
// closes connections, so that each reason can be tried.

const PLACE = { epoch: 1, key: generateKey(), seq: 1, resume: "0".repeat(32) };
const WELCOME = { ...PLACE, name: "ann", members: [{ name: "ann", visit: "v" }], grace: 60_000 };
const RESUMED = { ...PLACE, lost: { events: 0, private: 0 } };

/** Takes a connection's hello and first message, and answers it with tokens. */
async function takeFirst(socket: Socket, keys: string): Promise<Json & { answer: Answer }> {
	let received = "";
	for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
		received += chunk.toString("latin1");
		const [hello = "", token, whole] = received.split("\n");
		if (token === undefined || whole === undefined) continue;
		const fernet = new Fernet(new KeyFolder(keys).read(hello.split(" ")[1] ?? "") ?? "");
		const { messages } = JSON.parse(Buffer.from(fernet.decrypt(token)).toString());
		const answer = (...said: object[]): void => {
			socket.write(`0 ${fernet.encrypt(JSON.stringify({ n: 0, messages: said }))}\n`);
		};
		return { ...messages[0], answer };
	}
	throw new Error(`ended after ${received}`);
}
type Answer = (...messages: object[]) => void;

for (const code of ["moving", "too_slow", "idle_timeout", "server_fault"]) {
	test(`a client whose server says ${code} comes back with its token`, async () => {
		const keys = await mkdtemp(join(tmpdir(), "fernet-chat-moving-"));
		const firsts: Json[] = [];
		const server = createServer(async (socket) => {
			socket.on("error", () => {});
			const { answer, ...first } = await takeFirst(socket, keys);
			firsts.push(first);
			if (first.type === "resume") return answer({ type: "resumed", ...RESUMED });
			answer({ type: "welcome", ...WELCOME }, { type: "closing", code, text: "Goodbye." });
			socket.end();
		});
		await listen(server);
		const args = [`127.0.0.1:${portOf(server)}`, "--keys", keys, "--json", "--name", "ann"];
		const env = { FERNET_CHAT_PASSWORD: PASSWORD };
		{
			await using bot = new Bot("client.ts", [...args, "--email", "ann@gmail.com"], env);
			await bot.waitFor({ type: "online" });
			const resume = { type: "resume", token: PLACE.resume, seq: 1, private: 0 };
			expect(firsts.slice(1)).toEqual([resume]);
			expect(bot.lines.map(({ type }) => type)).toEqual(["welcome", "offline", "online"]);
		}
		server.close();
		await rm(keys, { recursive: true });
	});
}
