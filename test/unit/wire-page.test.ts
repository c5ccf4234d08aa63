import { expect, test } from "bun:test";
import { Fernet } from "../../lib/wire/crypto/fernet.ts";
import { ERROR_CODES } from "../../lib/wire/errors/error-codes.ts";
import { inflateBatch, readBatch } from "../../lib/wire/messages/batch.ts";
import { readClientMessage, readServerMessage } from "../../lib/wire/messages/messages.ts";

// The protocol's page is right: its table of codes, and each token of its example.

const page = await Bun.file(new URL("../../lib/wire/README.md", import.meta.url)).text();

test("every code is written down, with where it is said and what a client does next", () => {
	const table = /\| code \| said in \| then \|\n\|---\|---\|---\|\n((?:\|.*\n)+)/.exec(page)?.[1];
	const rows = Object.entries(ERROR_CODES).map(
		([code, { saidIn, next }]) => `| \`${code}\` | ${saidIn.join(", ")} | ${next} |\n`,
	);
	expect(table).toBe(rows.join(""));
});

/** The worked example, a connection at a time, with its session key. */
function connections(): { key: string; lines: string }[] {
	const [, text = "", lines = ""] =
		/## A conversation, token by token([\s\S]*?)```\n([\s\S]*?)```/.exec(page) ?? [];
	const keys = Array.from(text.matchAll(/session key\s+(?:is )?`(\S+)`/g), ([, key = ""]) => key);
	return lines.split("\n\n").map((each, i) => ({ key: keys[i] ?? "", lines: each }));
}

/** Each token of a connection: its way, the key's epoch and the JSON printed below. */
function* tokensIn(
	lines: string,
): Generator<{ way: ">" | "<"; epoch: number; token: string; json: string }> {
	for (const [, way, epoch = "0", token = "", json = ""] of lines.matchAll(
		/^([<>]) (?:(\d+) )?(gAAAA\S+)\n {2}(.*)$/gm,
	)) {
		yield { way: way === ">" ? ">" : "<", epoch: Number(epoch), token, json };
	}
}

/** The table that says for each reason to close whether to come back; a row may have several codes. */
const closingCodes = (): string[] => {
	const [, table = ""] =
		/\| code \| may you come back\? \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(page) ?? [];
	return Array.from(table.matchAll(/^\| (.*?) \|/gm), ([, codes = ""]) => codes)
		.flatMap((codes) => codes.split(", "))
		.map((code) => code.replaceAll("`", ""));
};

test("of every reason to close it is said whether to come back", () => {
	const codes = Object.entries(ERROR_CODES).filter(([, { saidIn }]) =>
		(saidIn as readonly string[]).includes("closing"),
	);
	expect(closingCodes().sort()).toEqual(codes.map(([code]) => code).sort());
});

test("the worked example opens with the keys it names", () => {
	const counts = { ">": 0, "<": 0 };
	const events: number[] = [];
	let deflated = 0;
	for (const { key, lines } of connections()) {
		const keys = new Map([[0, new Fernet(key)]]);
		const numbers = { ">": 0, "<": 0 };
		for (const { way, epoch, token, json } of tokensIn(lines)) {
			const bytes = keys.get(epoch)?.decrypt(token) ?? Buffer.alloc(0);
			const text = Buffer.from(inflateBatch(bytes)).toString();
			expect(text).toBe(json);
			if (bytes[0] === 1) deflated++;
			const { n, messages = [], next, ...batch } = JSON.parse(text);
			if (epoch === 0) expect(n).toBe(numbers[way]++);
			else events.push(...readBatch({ ...batch, next }).events.map(({ seq }) => seq));
			const read = way === "<" ? readServerMessage : readClientMessage;
			for (const message of messages) {
				read(message);
				events.push(...(message.events ?? []).map(({ seq }: { seq: number }) => seq));
			}
			for (const { epoch, key } of [next ?? {}, ...messages]) {
				if (key) keys.set(epoch, new Fernet(key));
			}
		}
		counts[">"] += numbers[">"];
		counts["<"] += numbers["<"];
	}
	expect(connections()).toHaveLength(2);
	expect(events).toEqual([2, 3, 4, 5, 6, 7, 8]);
	expect(deflated).toBe(1);
	expect(counts).toEqual({ ">": 9, "<": 7 });
});
