import { expect, test } from "bun:test";
import { ERROR_CODES } from "../../lib/wire/error-codes.ts";
import { Fernet } from "../../lib/wire/fernet.ts";
import { readBatch, readClientMessage, readServerMessage } from "../../lib/wire/messages.ts";

// The protocol's page is right: its table of codes, and each token of its example.

const page = await Bun.file(new URL("../../lib/wire/README.md", import.meta.url)).text();

test("every code is written down, with where it is said and what a client does next", () => {
	const table = /\| code \| said in \| then \|\n\|---\|---\|---\|\n((?:\|.*\n)+)/.exec(page)?.[1];
	const rows = Object.entries(ERROR_CODES).map(
		([code, { saidIn, next }]) => `| \`${code}\` | ${saidIn.join(", ")} | ${next} |\n`,
	);
	expect(table).toBe(rows.join(""));
});

/** Each token of the worked example: its way, the key epoch and the JSON printed below. */
function* example(): Generator<{ way: string; epoch: number; token: string; json: string }> {
	const lines = /## A conversation, token by token[\s\S]*?```\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
	for (const [, way = "", epoch = "0", token = "", json = ""] of lines.matchAll(
		/^([<>]) (?:(\d+) )?(gAAAA\S+)\n {2}(.*)$/gm,
	)) {
		yield { way, epoch: Number(epoch), token, json };
	}
}

test("the worked example opens with the keys it names", () => {
	const session = /session key is\s+`(\S+)`/.exec(page)?.[1] ?? "";
	const keys = new Map([[0, new Fernet(session)]]);
	const counts = { ">": 0, "<": 0 };
	const events: { seq: number }[] = [];
	for (const { way, epoch, token, json } of example()) {
		const text = Buffer.from(keys.get(epoch)?.decrypt(token) ?? []).toString();
		expect(text).toBe(json);
		const message = JSON.parse(text);
		if (epoch === 0) expect(message.n).toBe(counts[way as ">" | "<"]++);
		if (epoch > 0) events.push(...readBatch(message).events);
		else if (way === "<") readServerMessage(message);
		else readClientMessage(message);
		const next = message.next ?? message;
		if (next.key) keys.set(next.epoch, new Fernet(next.key));
	}
	expect(keys.size).toBeGreaterThan(2);
	expect(events.map(({ seq }) => seq)).toEqual([2, 3, 4]);
	expect(counts).toEqual({ ">": 3, "<": 2 });
});
