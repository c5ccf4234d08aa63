import { connect, createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { listen } from "../../support/listen.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import type { Json } from "../../support/programs.ts";
import { requirePython } from "../../support/python.ts";
import { ROOT } from "../../support/root.ts";

export const SCRIPT = join(ROOT, "test/fixtures/client.py");
export const TEXT = "grüß dich, 世界 \u001b[31m";

export const ENV = { PATH: process.env.PATH, HOME: process.env.HOME, PYTHONUTF8: "1" };

/** Starts the script, which says TEXT. */
export function start(port: number, keys: string, password = PASSWORD, ...more: string[]) {
	const args = ["127.0.0.1", String(port), keys, "py", "py@gmail.com", TEXT, ...more];
	return Bun.spawn([requirePython(), SCRIPT, ...args], {
		env: { ...ENV, FERNET_CHAT_PASSWORD: password },
		stdout: "pipe",
		stderr: "pipe",
	});
}

/** Waits for the script to end and returns all that it printed. */
export async function printed(script: ReturnType<typeof start>) {
	const texts = [script.stdout.text(), script.stderr.text()];
	const [out = "", err = ""] = await Promise.all(texts);
	const lines: Json[] = out.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
	return { out, err, code: await script.exited, lines };
}

export interface Gate extends AsyncDisposable {
	readonly port: number;
	/** The client's lines that the gate holds back. */
	readonly held: string[];
	open(): void;
}

/** Passes a client's hello and login on to a port, and later lines only once it is open. */
export async function gate(port: number): Promise<Gate> {
	const held: string[] = [];
	let passed = 0;
	let pass = (line: string): void => void held.push(line);
	let open = (): void => {};
	const listener = createServer((client) => {
		const server = connect(port, "127.0.0.1");
		server.pipe(client);
		const send = (line: string): void => void server.write(`${line}\n`);
		createInterface({ input: client }).on("line", (line) => (passed++ < 2 ? send : pass)(line));
		client.on("end", () => server.end());
		open = () => {
			pass = send;
			for (const line of held) send(line);
		};
	});
	const own = await listen(listener);
	return {
		port: own,
		held,
		open: () => open(),
		async [Symbol.asyncDispose]() {
			await new Promise((resolve) => listener.close(resolve));
		},
	};
}
