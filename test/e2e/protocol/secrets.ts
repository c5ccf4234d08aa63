import { expect } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Fernet } from "../../../lib/wire/crypto/fernet.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import type { Bot, Json, Program, Stage } from "../../support/programs.ts";
import { tap, type WireTap } from "../../support/tap.ts";
import { WireReader } from "../../support/wire-reader.ts";

/** A secret as it could stand in a text: as it is, in hexadecimal, or in base64 at any offset. */
export function spellings(secret: string): string[] {
	const shifted = [0, 1, 2].map((offset) => {
		const bytes = Buffer.from("\0".repeat(offset) + secret);
		// Leave out the characters that also depend on the text around the secret.
		const [first, last] = [Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6)];
		return bytes.toString("base64").slice(first, last);
	});
	const urls = shifted.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
	return [secret, Buffer.from(secret).toString("hex"), ...shifted, ...urls];
}

/** The spellings of a key as its file holds it, and of its bytes. */
export const spellingsOfKey = (key: string): string[] => [
	...spellings(key),
	Buffer.from(key, "base64url").toString("base64"),
	Buffer.from(key, "base64url").toString("hex"),
];

export function expectNone(secrets: string[], text: string): void {
	for (const secret of secrets) {
		// Anything shorter could be in a token by chance.
		expect(secret.length).toBeGreaterThan(6);
		expect(text.includes(secret), secret).toBe(false);
	}
}

/** The session keys in the folder now, by session id. */
export async function keysIn(stage: Stage): Promise<Map<string, string>> {
	const keys = new Map<string, string>();
	for (const name of await stage.keyFiles()) {
		keys.set(name.slice(0, -4), await readFile(join(stage.keys, name), "latin1"));
	}
	return keys;
}

interface Opened {
	sent: Json[];
	heard: Json[];
	roomKeys: string[];
}

/** Opens every line of one connection with its session's key and the room keys found on the way. */
export function openAll({ lines }: WireTap, keys: Map<string, string>): Opened {
	const sentBy = (side: string) => lines.flatMap(({ from, line }) => (from === side ? [line] : []));
	const [hello = "", ...sent] = sentBy("client");
	// A client that tries to come back in vain says another hello: a new connection begins.
	const again = sent.findIndex((line) => line.startsWith("FERNET-CHAT/1 "));
	const tokens = again === -1 ? sent : sent.slice(0, again);
	const id = /^FERNET-CHAT\/1 ([0-9a-f]{32})$/.exec(hello)?.[1] ?? "";
	const session = new Fernet(keys.get(id) ?? "");
	const read = (token: string): Json[] =>
		JSON.parse(Buffer.from(session.decrypt(token)).toString()).messages;
	const opened: Opened = {
		sent: tokens.flatMap(read),
		heard: [],
		roomKeys: [],
	};
	const reader = new WireReader(session);
	for (const line of sentBy("server")) {
		const keys = reader.keys;
		opened.heard.push(...reader.read(line).messages);
		if (reader.roomKey && reader.keys > keys) opened.roomKeys.push(reader.roomKey.key);
	}
	return opened;
}

/** A bot that talks to the server through a tap of its own. */
export async function tapped(
	stage: Stage,
	name: string,
	password = PASSWORD,
): Promise<[Bot, WireTap]> {
	const line = await tap(stage.port);
	const bot = stage.botProgram(name, password, line.port, { FERNET_CHAT_PATIENCE: "0" });
	stage.tidy(line);
	return [bot, line];
}

/** All that the programs have printed, on either stream. */
export const printed = (...programs: Pick<Program, "out" | "err">[]): string =>
	programs.map(({ out, err }) => out + err).join("");
