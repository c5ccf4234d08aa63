import { eventually } from "../../support/eventually.ts";
import { Peer } from "../../support/peer.ts";
import type { Json, Stage } from "../../support/programs.ts";

/** Sends a first message, returns the answer. A client that is let in stays in the room. */
export async function say(stage: Stage, message: Json): Promise<Json> {
	const peer = Peer.greeting(stage);
	peer.send(message);
	await eventually("an answer", () => peer.messages.length > 0);
	const [answer] = peer.messages;
	if (answer?.type !== "welcome") await peer.waitUntilClosed();
	return answer ?? { type: "none" };
}

export const ask = (stage: Stage, email: string): Promise<Json> =>
	say(stage, { type: "request_code", email });

/** The code in the newest mail. */
const newest = (stage: Stage): string =>
	/fernet-chat code is (\d{6})\r\n/.exec(stage.mails.at(-1)?.text ?? "")?.[1] ?? "";

/** Asks for a code, and reads the mail. */
export async function codeFor(
	stage: Stage,
	email: string,
): Promise<{ ticket: unknown; code: string }> {
	const before = stage.mails.length;
	const { ticket } = await ask(stage, email);
	await eventually("a mail", () => stage.mails.length > before);
	return { ticket, code: newest(stage) };
}

let names = 0;

export const logIn = (stage: Stage, email: string, proof: object): Promise<Json> =>
	say(stage, { type: "login", name: `n${++names}`, email, ...proof });

/** A code that is not this one. */
export const another = (code: string): string => (code === "000000" ? "000001" : "000000");
