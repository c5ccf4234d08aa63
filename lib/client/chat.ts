import { ChatError } from "../wire/errors.ts";
import { textField } from "../wire/messages.ts";
import { clean, cleanLine } from "./clean.ts";
import type { Heard } from "./connect.ts";
import type { Member, Outcome, Screen } from "./login.ts";
import { Terminal } from "./terminal.ts";

/** How long the server may take over a goodbye, in milliseconds. */
const GOODBYE = 2000;

const HELP =
	"/who  who is here · /leave  leave the room · /help  this · //text  a line that begins with /";

/** The room on a terminal, until it ends. */
export async function chat({ connection, welcome }: Member, screen: Screen): Promise<Outcome> {
	const terminal = new Terminal(screen, typed, leave);
	terminal.print(`You are ${cleanLine(welcome.name)}. Here: ${names(welcome.members)}. ${HELP}`);

	function typed(line: string): void {
		const text = line.trimEnd();
		if (text === "") return;
		if (text === "/help") return terminal.print(HELP);
		if (text === "/who") return connection.send({ type: "who" });
		if (text === "/leave") return leave();
		if (text.startsWith("/") && !text.startsWith("//")) {
			return terminal.print(`! no such command: ${clean(text)}; /help lists them`);
		}
		say(text.startsWith("//") ? text.slice(1) : text);
	}

	function say(text: string): void {
		if (!textField.is(text)) return terminal.print(`! a message must be ${textField.expected}`);
		connection.send({ type: "say", id: crypto.randomUUID(), text });
	}

	function leave(): void {
		connection.send({ type: "leave" });
		setTimeout(() => connection.close(), GOODBYE).unref();
	}

	try {
		for await (const message of connection) {
			if (message.type === "closing") return outcomeOf(message.code, message.text);
			const line = lineOf(message);
			if (line !== "") terminal.print(line);
		}
		return { code: 0, text: "the room has ended" };
	} catch (error) {
		if (!(error instanceof ChatError)) throw error;
		return { code: 3, text: error.message };
	} finally {
		connection.close();
		terminal.close();
	}
}

/** Goodbyes that end a visit as it should end. */
const PEACEFUL = new Set(["left", "room_ended", "server_stopped"]);

export const outcomeOf = (code: string, text: string): Outcome => ({
	code: PEACEFUL.has(code) ? 0 : 3,
	text: cleanLine(text),
});

const names = (members: string[]): string => members.map(cleanLine).join(", ");

function lineOf(message: Heard): string {
	switch (message.type) {
		case "said":
			return `${time(message.at)} <${cleanLine(message.from)}> ${clean(message.text)}`;
		case "joined":
			return `${time(message.at)} * ${cleanLine(message.name)} has joined`;
		case "left":
			return `${time(message.at)} * ${cleanLine(message.name)} has left`;
		case "roster":
			return `* here: ${names(message.members.map(({ name }) => name))}`;
		case "refused":
			return `! ${cleanLine(message.text)}`;
		default:
			return "";
	}
}

const time = (at: number): string => new Date(at).toTimeString().slice(0, 5);
