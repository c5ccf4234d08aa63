import { systemClocks } from "../../util/clock.ts";
import { ChatError } from "../../util/errors.ts";
import { nextStep, reason } from "../../wire/errors/reason.ts";
import type { Say, Tell } from "../../wire/messages/messages.ts";
import type { Bell } from "../commands/command.ts";
import { runLine } from "../commands/run-line.ts";
import type { Membership } from "../net/membership.ts";
import type { Style } from "../terminal/style.ts";
import { onAbort } from "../util/abort.ts";
import { Conversation } from "./conversation.ts";
import { type ExitStatus, exitStatusOf } from "./exit-status.ts";
import { LineFormatter } from "./line-formatter.ts";
import { RoomActions } from "./room-actions.ts";
import { Transcript } from "./transcript.ts";
import type { Ui } from "./ui.ts";

/** Milliseconds between two ticks of the conversation. */
const TICK_INTERVAL = 100;

interface ChatOptions {
	readonly style: Style;
	readonly bell: Bell;
	/** Messages that an earlier visit could not get into the room. */
	readonly unsent: readonly (Say | Tell)[];
	/** Aborted when the program is told to end. */
	readonly signal: AbortSignal;
	/** Opens the UI, which calls `submit` with each line typed and `leave` when the user leaves. */
	readonly open: (
		conversation: Conversation,
		submit: (line: string) => void,
		leave: () => void,
	) => Ui;
}

/** Runs the chat and resolves to how it ended. However it ends, it closes the UI. */
export async function chat(membership: Membership, options: ChatOptions): Promise<ExitStatus> {
	const leave = (): void => membership.leave();
	const formatter = new LineFormatter(options.style, membership.welcome.name);
	const transcript = new Transcript();
	const conversation = new Conversation({
		membership,
		unsent: options.unsent,
		formatter,
		transcript,
		bell: options.bell,
		...systemClocks,
		ui: () => ui,
	});
	const actions = new RoomActions({ conversation, membership, formatter, transcript, leave });
	const ui: Ui = options.open(conversation, (line) => runLine(actions, line), leave);

	const clock = setInterval(() => conversation.tick(), TICK_INTERVAL);
	onAbort(options.signal, leave);
	try {
		conversation.greet();
		for await (const message of membership) {
			if (message.type === "closing") return exitStatusOf(message);
			conversation.receive(message);
			await ui.ready();
		}
		return exitStatusOf(reason("left"));
	} catch (error) {
		if (!(error instanceof ChatError)) throw error;
		const status = exitStatusOf({ code: error.code, text: error.message });
		if (nextStep(error.code) !== "log_in") return status;
		return { ...status, unsent: conversation.delivery.pending.map(({ message }) => message) };
	} finally {
		clearInterval(clock);
		membership.close();
		conversation.end();
		ui.close();
	}
}
