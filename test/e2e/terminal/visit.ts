import { Terminal as Emulator } from "@xterm/headless";
import { eventually } from "../../support/eventually.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import type { Peer } from "../../support/peer.ts";
import type { Json, Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";

interface Setting {
	flags?: string[];
	env?: Record<string, string>;
	cols?: number;
	rows?: number;
	/** By default the client runs in the test's process. */
	isProgram?: boolean;
}

/** A client in the room, on a terminal of its own. */
export async function enter(
	stage: Pick<Stage, "clientArgs">,
	name: string,
	{ flags = [], env = {}, isProgram = false, ...size }: Setting = {},
): Promise<Screen> {
	const who = ["--name", name, "--email", addressOf(name)];
	const screen = new Screen("client.ts", stage.clientArgs(...who, ...flags), {
		env: { FERNET_CHAT_PASSWORD: PASSWORD, ...env },
		isLocal: !isProgram,
		...size,
	});
	try {
		await screen.waitForText(`You are ${name}`);
		return screen;
	} catch (error) {
		await screen[Symbol.asyncDispose]();
		throw error;
	}
}

export const say = (peer: Peer, text: string): void =>
	peer.send({ type: "say", id: crypto.randomUUID(), text });

export const tell = (peer: Peer, to: string, text: string): void =>
	peer.tell(to, crypto.randomUUID(), text);

/** Waits until the peer has received a message with at least these fields. */
export const waitForMessage = (peer: Peer, fields: object): Promise<Json> =>
	eventually(
		JSON.stringify(fields),
		() => peer.messages.find((message) => Bun.deepMatch(fields, message)),
		() => JSON.stringify(peer.messages.slice(-20)),
	);

/** The texts that the peer has received from a member, in order. */
export const textsFrom = (peer: Peer, from: string): unknown[] =>
	peer.messages.flatMap((message) =>
		message.type === "said" && message.from === from ? [message.text] : [],
	);

const LABEL = /^(?:offline, )?to all>/;
const MORE = "┊ ";

/** The line being typed, a `|` where the cursor is; works for one-column characters. */
export function typed({ lines, cursor }: Screen): string {
	const first = lines.findLastIndex((line) => LABEL.test(line));
	const label = `${LABEL.exec(lines[first] ?? "")?.[0]} `;
	const marked = lines.slice(first).map((line, index) => {
		if (first + index !== cursor.line) return line;
		const padded = line.padEnd(cursor.column);
		return `${padded.slice(0, cursor.column)}|${padded.slice(cursor.column)}`;
	});
	return marked.map((row, index) => row.slice((index === 0 ? label : MORE).length)).join("");
}

/** Waits until the line being typed is this one, a `|` where the cursor is. */
export const waitUntilTyped = (screen: Screen, line: string): Promise<unknown> =>
	eventually(
		`typed: ${line}`,
		() => typed(screen) === line,
		() => `${typed(screen)}\n${screen.text}\n${JSON.stringify(screen.cursor)}`,
	);

/** Answers the question at the bottom of the screen, once it can be answered. */
export async function sayYes(screen: Screen): Promise<void> {
	await eventually(
		"a question",
		() => screen.lines.at(-1)?.endsWith("[y/n]"),
		() => screen.text,
	);
	screen.type("y");
}

/** Feeds written output to an emulator that a test can inspect. */
export async function replay(written: string, cols = 80, rows = 24): Promise<Emulator> {
	const emulator = new Emulator({ cols, rows, scrollback: 10_000, allowProposedApi: true });
	await new Promise<void>((resolve) => emulator.write(written, resolve));
	return emulator;
}
