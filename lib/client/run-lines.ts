import type { ReadStream, WriteStream } from "node:tty";
import type { Endpoint } from "../util/endpoint.ts";
import { ChatError } from "../util/errors.ts";
import { roomKey } from "../util/host-port.ts";
import { type ChatOptions, chat } from "./chat/chat.ts";
import { type ExitStatus, failedLoginStatus, NOT_LOGGED_IN } from "./chat/exit-status.ts";
import { Preferences } from "./chat/preferences.ts";
import type { Bell } from "./commands/command.ts";
import type { HistoryFile } from "./editor/history-file.ts";
import type { JobSignals } from "./keyboard/job-control.ts";
import { type GivenCredentials, joinUnasked, rejoinUnasked } from "./login/join-unasked.ts";
import { NOT_REMEMBERED } from "./login/login-fields.ts";
import type { LoginDefaults } from "./login/login-page.ts";
import { PersonLogin } from "./login/person-login.ts";
import type { Admission } from "./net/join.ts";
import type { RoomTarget } from "./net/room-target.ts";
import type { ServerList } from "./net/server-list.ts";
import { Style } from "./terminal/style.ts";
import { printMarked } from "./terminal/wrap.ts";
import { LineFormatter } from "./transcript/line-formatter.ts";
import { LinePrinter } from "./ui/line-printer.ts";
import type { LineUi } from "./ui/line-ui.ts";
import { aborted } from "./util/abort.ts";
import type { ConfigDir } from "./util/config-dir.ts";
import type { OwnSecret } from "./util/own-secret.ts";

/** How a person wants to be in the room. */
export interface LinesOptions {
	/** The servers of the room, at least one. */
	readonly endpoints: readonly Endpoint[];
	readonly defaults: LoginDefaults;
	/** Logs in with these, without a prompt; null to ask the user. */
	readonly credentials: GivenCredentials | null;
	/** Have the server remember this device, and log in as that. */
	readonly remember: boolean;
	readonly plain: boolean;
	/** Save nothing of what the user types. */
	readonly noHistory: boolean;
	/** Undefined if the user has chosen none for this run. */
	readonly bell: Bell | undefined;
	/** Seconds for which to try to come back when the connection breaks or the server stops. */
	readonly patience: number;
}

/** What lasts from one visit to the next. */
interface Kept {
	readonly secret: OwnSecret;
	readonly configDir: ConfigDir;
}

/** What the client that shows the room gets from its process. */
export interface LinesRuntime {
	readonly input: ReadStream;
	readonly output: WriteStream;
	/** Aborted when the program is told to end. */
	readonly signal: AbortSignal;
	readonly signals: JobSignals;
	/** Runs `action` when the process exits, for whatever reason. */
	readonly atExit: (action: () => void) => void;
}

/** The room as a person sees it, on a terminal or as plain lines, from login to goodbye. */
export async function runLines(
	target: RoomTarget & { readonly servers: ServerList },
	options: LinesOptions & Kept,
	runtime: LinesRuntime,
): Promise<ExitStatus> {
	const { credentials } = options;
	const patience = options.patience * 1000;
	try {
		if (credentials) {
			const admission = await Promise.race([
				joinUnasked(target, credentials),
				aborted(runtime.signal),
			]);
			if (!admission) return NOT_LOGGED_IN;
			const { email } = credentials;
			if (options.remember && target.devices?.load(email) === null) {
				printMarked(NOT_REMEMBERED, options.plain, runtime.output);
			}
			return await runChat(target, admission, options, runtime, {
				logIn: (_, signal) => rejoinUnasked(target, credentials, patience, { signal }),
				forgetDevice: () => target.devices?.forget(email),
			});
		}
		const login = new PersonLogin({ ...options, target }, runtime);
		const admission = await login.enter(options.defaults);
		if (!admission) return NOT_LOGGED_IN;
		return await runChat(target, admission, options, runtime, {
			logIn: (ui, signal) => login.enterAgain(ui, signal),
			forgetDevice: () => login.forgetDevice(),
		});
	} catch (error) {
		if (!(error instanceof ChatError)) throw error;
		return failedLoginStatus(error);
	}
}

async function runChat(
	target: RoomTarget,
	admission: Admission,
	options: LinesOptions & Kept,
	{ input, output, signal, signals, atExit }: LinesRuntime,
	login: Pick<ChatOptions, "logIn" | "forgetDevice">,
): Promise<ExitStatus> {
	const { bell, plain: isPlain, patience, credentials, secret, endpoints, configDir } = options;
	const style = new Style(!isPlain && output.hasColors());
	const { openUi } = isPlain
		? await import("./ui/plain-ui.ts")
		: await import("./ui/terminal-ui.ts");
	const history = await openHistory(options);
	if (history?.fault) printMarked(history.fault, isPlain, output);
	let ui: LineUi;
	return chat(target, admission, {
		kept: null,
		createPrinter: (mentions) => {
			const formatter = new LineFormatter(style, mentions);
			return new LinePrinter(formatter, () => ui);
		},
		bell,
		preferences: new Preferences(input.isTTY ? configDir : null, roomKey(endpoints)),
		secret,
		signal,
		...login,
		patience: patience * 1000,
		isAsked: credentials === null,
		open: (conversation, given) => {
			const shown = { ...given, style, secret, history };
			ui = openUi({ input, output, signals }, conversation, shown);
			atExit(() => ui.close());
			return ui;
		},
	});
}

/** Plain lines have no editor, and so no history. */
async function openHistory(options: LinesOptions & Kept): Promise<HistoryFile | undefined> {
	const { plain, noHistory, endpoints, configDir } = options;
	if (plain || noHistory) return undefined;
	const { HistoryFile } = await import("./editor/history-file.ts");
	return new HistoryFile(configDir.folder, roomKey(endpoints));
}
