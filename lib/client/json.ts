import { createInterface } from "node:readline";
import { ChatError } from "../wire/errors.ts";
import type { KeyFolder } from "../wire/keys.ts";
import { type ClientMessage, textField } from "../wire/messages.ts";
import { outcomeOf } from "./chat.ts";
import type { Address, Connection, Heard } from "./connect.ts";
import { type Credentials, Denied, Dismissed, enter, type Outcome, type Screen } from "./login.ts";

/** The room for bots and scripts: one JSON object a line, in and out, and no prompt. */
export async function json(
	address: Address,
	keys: KeyFolder,
	credentials: Credentials,
	{ input, output }: Screen,
): Promise<Outcome> {
	const print = (line: object): void => void output.write(`${JSON.stringify(line)}\n`);
	const end = (reason: string, outcome: Outcome): Outcome => {
		print({ type: "closed", reason, text: outcome.text });
		return outcome;
	};
	try {
		const { connection, welcome } = await enter(address, keys, credentials);
		print({ type: "welcome", name: welcome.name, members: welcome.members });
		void obey(input, connection, print);
		for await (const message of connection) {
			if (message.type === "closing") {
				return end(message.code, outcomeOf(message.code, message.text));
			}
			if (isForBots(message)) print(message);
		}
		return end("room_ended", { code: 0, text: "the room has ended" });
	} catch (error) {
		if (error instanceof Denied) {
			print({ type: "denied", code: error.code, text: error.message });
			return { code: 2, text: error.message };
		}
		if (error instanceof Dismissed) return end(error.code, outcomeOf(error.code, error.message));
		if (!(error instanceof ChatError)) throw error;
		return end(error.code, { code: 3, text: error.message });
	}
}

/** What a bot hears as it came; the rest has been said in other words, or holds keys. */
const isForBots = ({ type }: Heard): boolean =>
	["said", "joined", "left", "roster", "refused"].includes(type);

/** Does what each line asks, in order; the end of input leaves. */
async function obey(
	input: Screen["input"],
	connection: Connection,
	print: (line: object) => void,
): Promise<void> {
	for await (const line of createInterface({ input })) {
		const request = requestOf(line);
		if (typeof request === "string") print({ type: "refused", code: "bad_input", text: request });
		else connection.send(request);
	}
	connection.send({ type: "leave" });
}

/** The message a line asks for, or what is wrong with it. */
function requestOf(line: string): ClientMessage | string {
	let request: unknown;
	try {
		request = JSON.parse(line);
	} catch {
		return "a line must be a JSON object";
	}
	const type = typeof request === "object" && request !== null && "type" in request && request.type;
	if (type === "who" || type === "leave") return { type };
	if (type !== "say") return "type must be say, who or leave";
	const text = typeof request === "object" && request && "text" in request && request.text;
	if (!textField.is(text)) return `text must be ${textField.expected}`;
	return { type, id: crypto.randomUUID(), text };
}
