import { join } from "node:path";
import { pythonWithFernet } from "../support/python.ts";
import type { Cipher } from "./ciphers.ts";

const SCRIPT = join(import.meta.dir, "tokens.py");

interface Answer {
	readonly micros: number;
	readonly token: string;
}

/** Python's `cryptography`, in a process that idles while others take their turn. */
export function pythonCipher(key: string): Cipher {
	const command = [pythonWithFernet() ?? "", SCRIPT, key];
	const python = Bun.spawn(command, { stdin: "pipe", stdout: "pipe" });
	const reader = python.stdout.getReader();
	const ask = async (question: string): Promise<Answer> => {
		python.stdin.write(`${question}\n`);
		python.stdin.flush();
		let answer = "";
		while (!answer.endsWith("\n")) {
			const { value } = await reader.read();
			if (!value) throw new Error("Python ended before it answered");
			answer += Buffer.from(value).toString("latin1");
		}
		return JSON.parse(answer);
	};
	return {
		name: "Python cryptography",
		batch: async (way, size, seconds) => (await ask(`${way} ${size} ${seconds}`)).micros,
		token: async (size) => (await ask(`encrypt ${size} 0`)).token,
		async [Symbol.asyncDispose]() {
			python.kill("SIGKILL");
			await python.exited;
		},
	};
}
