import { ChatError } from "../wire/errors.ts";
import type { Say, Tell } from "../wire/messages.ts";
import { onAbort } from "./abort.ts";
import { type Bell, obey } from "./commands.ts";
import { Conversation } from "./conversation.ts";
import { Keepsake } from "./keepsake.ts";
import type { Membership } from "./membership.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import type { Unechoed } from "./outgoing.ts";
import type { Style } from "./style.ts";
import { Transcript } from "./transcript.ts";

const TICK = 100;

/** Where a conversation is seen and typed. */
export interface Ui {
	/** Adds to the transcript. */
	print(line: string): void;
	ring(): void;
	/** Something said will not be echoed, it seems. */
	failed(entry: Unechoed): void;
	/** What is on its way, or who is here, has changed. */
	changed(): void;
	/** Resolves when what was printed has been taken. */
	ready(): Promise<void>;
	/** Gives the screen back as it was. Calling it again does nothing. */
	close(): void;
}

export interface ChatOptions {
	readonly style: Style;
	readonly bell: Bell;
	/** What an earlier visit could not say. */
	readonly unsent: readonly (Say | Tell)[];
	/** Aborted when the program is told to end. */
	readonly signal: AbortSignal;
	/** Opens the screen; `submit` gets what is typed, `leave` is called when the person wants to go. */
	readonly open: (
		conversation: Conversation,
		submit: (line: string) => void,
		leave: () => void,
	) => Ui;
}

/** The room, until it ends. However it ends, the screen is given back. */
export async function chat(membership: Membership, options: ChatOptions): Promise<Outcome> {
	const leave = (): void => membership.leave();
	const conversation = new Conversation({
		membership,
		unsent: options.unsent,
		transcript: new Transcript(options.style, membership.welcome.name),
		keepsake: new Keepsake(),
		bell: options.bell,
		now: Date.now,
		ui: () => ui,
		leave,
	});
	const ui: Ui = options.open(conversation, (line) => submit(conversation, line), leave);

	const clock = setInterval(() => conversation.tick(), TICK);
	onAbort(options.signal, leave);
	try {
		conversation.greet();
		for await (const message of membership) {
			if (message.type === "closing") return outcomeOf(message.code, message.text);
			conversation.hear(message);
			await ui.ready();
		}
		return { code: 0, text: "you have left" };
	} catch (error) {
		if (!(error instanceof ChatError)) throw error;
		const outcome = outcomeOf(error.code, error.message);
		if (error.code !== "no_resume") return outcome;
		return { ...outcome, unsent: Array.from(conversation.outgoing, ({ message }) => message) };
	} finally {
		clearInterval(clock);
		membership.close();
		conversation.end();
		ui.close();
	}
}

/** One slash is a command, two are a line that begins with one. */
function submit(conversation: Conversation, line: string): void {
	if (line.startsWith("//")) conversation.say(line.slice(1), false);
	else if (line.startsWith("/")) obey(conversation, line);
	else conversation.say(line, false);
}
