import { systemClocks } from "../../util/clock.ts";
import { ChatError } from "../../util/errors.ts";
import { hasCode, type PeerReason, reason } from "../../wire/errors/reason.ts";
import type { Bell } from "../commands/command.ts";
import { runLine } from "../commands/run-line.ts";
import { type Admission, LoginDenied } from "../net/join.ts";
import { Membership } from "../net/membership.ts";
import type { RoomTarget } from "../net/room-target.ts";
import type { Style } from "../terminal/style.ts";
import { LineFormatter } from "../transcript/line-formatter.ts";
import { Transcript } from "../transcript/transcript.ts";
import { onAbort } from "../util/abort.ts";
import { Conversation } from "./conversation.ts";
import { type ExitStatus, exitStatusOf, failedLoginStatus } from "./exit-status.ts";
import { RoomActions } from "./room-actions.ts";
import type { Ui, UiOptions } from "./ui.ts";

/** Milliseconds between two ticks of the conversation. */
const TICK_INTERVAL = 100;

export interface ChatOptions {
	readonly style: Style;
	readonly bell: Bell;
	/** Milliseconds for which to try to come back. */
	readonly patience: number;
	/** Whether the user has to be there to log in again. */
	readonly isAsked: boolean;
	/** Logs in again, as `Persistence` says; `ui` shows the conversation meanwhile. */
	readonly logIn: (ui: Ui, signal: AbortSignal) => Promise<Admission | null>;
	/** Deletes what this device remembers to log in with. */
	readonly forgetDevice: () => void;
	/** Aborted when the program is told to end. */
	readonly signal: AbortSignal;
	/** Opens the UI, which calls `submit` with each line typed and `leave` when the user leaves. */
	readonly open: (conversation: Conversation, options: Omit<UiOptions, "style">) => Ui;
}

/** Runs the chat and resolves to how it ended. However it ends, it closes the UI. */
export async function chat(
	target: RoomTarget,
	admission: Admission,
	options: ChatOptions,
): Promise<ExitStatus> {
	const { patience, forgetDevice } = options;
	const logIn = (signal: AbortSignal) => options.logIn(ui, signal);
	const membership = new Membership(target, admission, { patience, logIn });
	const leave = (): void => membership.leave();
	const formatter = new LineFormatter(options.style, membership.welcome.name);
	const transcript = new Transcript();
	const conversation = new Conversation({
		membership,
		formatter,
		transcript,
		bell: options.bell,
		isAsked: options.isAsked,
		...systemClocks,
		ui: () => ui,
	});
	const actions = new RoomActions({
		...{ conversation, membership, formatter, transcript, leave, forgetDevice },
	});
	const submit = (line: string): void => runLine(actions, line);
	const isOnline = (): boolean => membership.isOnline;
	const ui: Ui = options.open(conversation, { submit, leave, isOnline });

	const ended = (why: PeerReason): ExitStatus => {
		// The server has forgotten the device.
		if (hasCode(why, "banned")) forgetDevice();
		return exitStatusOf(why);
	};
	const clock = setInterval(() => conversation.tick(), TICK_INTERVAL);
	onAbort(options.signal, leave);
	try {
		conversation.greet();
		for await (const message of membership) {
			if (message.type === "closing") return ended(message);
			conversation.receive(message);
			await ui.ready();
		}
		return exitStatusOf(reason("left"));
	} catch (error) {
		if (!(error instanceof ChatError)) throw error;
		if (error instanceof LoginDenied) return failedLoginStatus(error);
		return ended({ code: error.code, text: error.message });
	} finally {
		clearInterval(clock);
		membership.close();
		conversation.end();
		ui.close();
	}
}
