import { systemClocks } from "../../util/clock.ts";
import { ChatError } from "../../util/errors.ts";
import { hasCode, type PeerReason, reason } from "../../wire/errors/reason.ts";
import type { Bell } from "../commands/command.ts";
import { type Admission, LoginDenied } from "../net/join.ts";
import { Membership } from "../net/membership.ts";
import type { RoomTarget } from "../net/room-target.ts";
import { Mentions } from "../transcript/mentions.ts";
import { onAbort } from "../util/abort.ts";
import type { OwnSecret } from "../util/own-secret.ts";
import { Conversation } from "./conversation.ts";
import { type ExitStatus, exitStatusOf, failedLoginStatus } from "./exit-status.ts";
import type { Preferences } from "./preferences.ts";
import type { Printer } from "./printer.ts";
import { RoomActions } from "./room-actions.ts";
import type { KeptVisit, Ui, UiOptions } from "./ui.ts";

/** Milliseconds between two ticks of the conversation. */
const TICK_INTERVAL = 100;

export interface ChatOptions {
	/** Overrides what the user chose in an earlier run. */
	readonly bell: Bell | undefined;
	readonly preferences: Preferences;
	readonly secret: OwnSecret;
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
	/** What the process that began this visit leaves to us; null if that is us. */
	readonly kept: Pick<KeptVisit, "unsent" | "recipients"> | null;
	/** Makes what shows the transcript, on the UI that is opened then. */
	readonly createPrinter: (mentions: Mentions) => Printer;
	/** Opens the UI, which calls `submit` with each line typed and `leave` when the user leaves. */
	readonly open: (conversation: Conversation, options: UiOptions) => Ui;
}

/** Runs the chat and resolves to how it ended. However it ends, it closes the UI. */
export async function chat(
	target: RoomTarget,
	admission: Admission,
	options: ChatOptions,
): Promise<ExitStatus> {
	const { membership, conversation, ui } = open(target, admission, options);
	const ended = (why: PeerReason): ExitStatus => {
		// The server has forgotten the device.
		if (hasCode(why, "banned")) options.forgetDevice();
		return exitStatusOf(why);
	};
	const clock = setInterval(() => conversation.tick(), TICK_INTERVAL);
	onAbort(options.signal, () => membership.leave());
	try {
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

interface OpenChat {
	readonly membership: Membership;
	readonly conversation: Conversation;
	readonly ui: Ui;
}

/** Puts the parts together, and begins the visit or goes on with it. */
function open(target: RoomTarget, admission: Admission, options: ChatOptions): OpenChat {
	const { patience, preferences, secret, forgetDevice, isAsked, kept } = options;
	const logIn = (signal: AbortSignal) => options.logIn(ui, signal);
	const membership = new Membership(target, admission, { patience, logIn });
	const mentions = new Mentions(membership.welcome.name);
	const printer = options.createPrinter(mentions);
	printer.clock = preferences.clock ?? "short";
	const conversation = new Conversation({
		...{ membership, printer, mentions, preferences, isAsked },
		bell: options.bell ?? preferences.bell ?? "mention",
		...systemClocks,
		ui: () => ui,
	});
	// The line that was being typed goes to whom it went before.
	if (kept) conversation.recipients.restore(kept.recipients);
	const leave = (): void => membership.leave();
	const actions = new RoomActions({
		...{ conversation, membership, printer, preferences, secret, leave, forgetDevice },
	});
	const ui: Ui = options.open(conversation, {
		submit: (line, about) => actions.run(line, about),
		leave,
		isOnline: () => membership.isOnline,
		refreshVisits: () => membership.send({ type: "who" }),
		visit: () => ({
			welcome: { ...membership.welcome, ...conversation.visits.present, title: conversation.title },
			place: membership.place,
			unsent: conversation.delivery.unsent,
			recipients: conversation.recipients.kept,
		}),
		part: () => membership.part(),
	});
	if (kept) conversation.delivery.restore(kept.unsent);
	if (admission.lost === undefined) {
		conversation.greet();
		// Of the visit before this one: the user decides whether to say it in this one.
		conversation.delivery.failUnsent();
	} else {
		conversation.receive({ type: "online", lost: admission.lost });
		// The members that we know are those at the beginning of the visit.
		membership.send({ type: "who" });
	}
	return { membership, conversation, ui };
}
