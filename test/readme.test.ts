import { expect, test } from "bun:test";
import { Fernet } from "../lib/wire/fernet.ts";
import { readBatch, readClientMessage, readServerMessage } from "../lib/wire/messages.ts";

const readme = await Bun.file(new URL("../README.md", import.meta.url)).text();

/** The sources in a folder of lib/. */
async function* sourcesIn(folder: string): AsyncGenerator<string> {
	const path = new URL(`../lib/${folder}/`, import.meta.url).pathname;
	for await (const file of new Bun.Glob("**/*.ts").scan(path))
		yield Bun.file(`${path}${file}`).text();
}

test("every code that somebody can be refused with is written down for who writes a client", async () => {
	const codes = new Set<string>();
	for (const folder of ["server", "client"]) {
		for await (const source of sourcesIn(folder)) {
			const thrown = /(?:refuse|deny|Refusal|Untrusted|super)\(\s*"([a-z_]+)"/g;
			for (const [, code = ""] of source.matchAll(thrown)) codes.add(code);
		}
	}
	for (const known of ["no_code", "clock", "not_muted", "server_unknown", "server_changed"]) {
		expect([...codes]).toContain(known);
	}
	expect([...codes].filter((code) => !readme.includes(`\`${code}\``))).toEqual([]);
});

/** The worked example: for each token its way, the key's epoch and the JSON that is printed below. */
function* example(): Generator<{ way: string; epoch: number; token: string; json: string }> {
	const lines =
		/### A conversation, token by token[\s\S]*?```\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
	for (const [, way = "", epoch = "0", token = "", json = ""] of lines.matchAll(
		/^([<>]) (?:(\d+) )?(gAAAA\S+)\n {2}(.*)$/gm,
	)) {
		yield { way, epoch: Number(epoch), token, json };
	}
}

test("the worked example opens with the keys it names", () => {
	const session = /session key is `(\S+)`/.exec(readme)?.[1] ?? "";
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
