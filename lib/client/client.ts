import type { ReadStream, WriteStream } from "node:tty";
import type { Endpoint } from "../util/endpoint.ts";
import { ChatError } from "../util/errors.ts";
import { roomKey } from "../util/host-port.ts";
import type { PageSource } from "../web/page-source.ts";
import { KeyFolder } from "../wire/keys/key-folder.ts";
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
import { usesTls } from "./net/endpoint.ts";
import type { Admission } from "./net/join.ts";
import { KnownServers } from "./net/known-servers.ts";
import { RememberedDevices } from "./net/remembered-devices.ts";
import type { RoomTarget } from "./net/room-target.ts";
import { ServerList } from "./net/server-list.ts";
import { Style } from "./terminal/style.ts";
import { printMarked } from "./terminal/wrap.ts";
import { LineFormatter } from "./transcript/line-formatter.ts";
import { LinePrinter } from "./ui/line-printer.ts";
import type { LineUi } from "./ui/line-ui.ts";
import { aborted } from "./util/abort.ts";
import { ConfigDir } from "./util/config-dir.ts";
import { OwnSecret } from "./util/own-secret.ts";
import { adoptTimeZone } from "./util/time-zone.ts";

export interface ClientOptions {
	/** The servers of the room, at least one. */
	readonly endpoints: readonly Endpoint[];
	readonly keys: string;
	readonly defaults: LoginDefaults;
	/** Logs in with these, without a prompt; null to ask the user. */
	readonly credentials: GivenCredentials | null;
	/** Have the server remember this device, and log in as that. */
	readonly remember: boolean;
	readonly json: boolean;
	readonly plain: boolean;
	/** Shows the room in a window of its own, in a browser. */
	readonly window: boolean;
	/** Save nothing of what the user types. */
	readonly noHistory: boolean;
	/** Undefined if the user has chosen none for this run. */
	readonly bell: Bell | undefined;
	/** Seconds for which to try to come back when the connection breaks or the server stops. */
	readonly patience: number;
}

/** What the client gets from its process. */
interface Runtime {
	readonly input: ReadStream;
	readonly output: WriteStream;
	/** The process's own. */
	readonly environment: Record<string, string | undefined>;
	/** Aborted when the program is told to end. */
	readonly signal: AbortSignal;
	readonly signals: JobSignals;
	/** Runs `action` when the process exits, for whatever reason. */
	readonly atExit: (action: () => void) => void;
	/** Loads the page that a window shows. */
	readonly loadPage: () => Promise<PageSource>;
}

/** What lasts from one visit to the next. */
interface Kept {
	readonly secret: OwnSecret;
	readonly configDir: ConfigDir;
}

/** Runs one stay, from login to goodbye. Resolves to the exit code. */
export async function runClient(options: ClientOptions, runtime: Runtime): Promise<number> {
	const { code, text } = await stay(options, runtime);
	// A bot has already read why, in a `closed` or `denied` line.
	if (!options.json) printMarked(text, options.plain, runtime.output);
	return code;
}

async function stay(options: ClientOptions, runtime: Runtime): Promise<ExitStatus> {
	const { credentials, endpoints } = options;
	const patience = options.patience * 1000;
	const configDir = new ConfigDir(runtime.environment);
	const secret = new OwnSecret();
	secret.learn(credentials ?? {});
	const kept = { secret, configDir };
	const servers = openServers(options, configDir, runtime);
	const target = {
		servers,
		devices:
			options.remember || !credentials ? new RememberedDevices(configDir, endpoints) : undefined,
	};
	if (options.window) return showWindow(servers, configDir, options, runtime);
	const noZone = adoptTimeZone(runtime.environment);
	if (noZone !== null && !options.json) printMarked(noZone, options.plain, runtime.output);
	if (options.json && credentials) {
		const { runJsonUi } = await import("./ui/json-ui.ts");
		return runJsonUi(target, credentials, { patience, secret }, runtime);
	}
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
			return await runChat(target, admission, { ...options, ...kept }, runtime, {
				logIn: (_, signal) => rejoinUnasked(target, credentials, patience, { signal }),
				forgetDevice: () => target.devices?.forget(email),
			});
		}
		const login = new PersonLogin({ ...options, ...kept, target }, runtime);
		const admission = await login.enter(options.defaults);
		if (!admission) return NOT_LOGGED_IN;
		return await runChat(target, admission, { ...options, ...kept }, runtime, {
			logIn: (ui, signal) => login.enterAgain(ui, signal),
			forgetDevice: () => login.forgetDevice(),
		});
	} catch (error) {
		if (!(error instanceof ChatError)) throw error;
		return failedLoginStatus(error);
	}
}

/** Throws KeyFolderError. */
function openServers(
	{ endpoints, keys: path }: ClientOptions,
	configDir: ConfigDir,
	{ atExit }: Runtime,
): ServerList {
	const keys = endpoints.every(usesTls) ? undefined : new KeyFolder(path);
	atExit(() => keys?.removeSaved());
	return new ServerList(endpoints, { keys, knownServers: new KnownServers(configDir) });
}

async function showWindow(
	servers: ServerList,
	configDir: ConfigDir,
	options: ClientOptions,
	runtime: Runtime,
): Promise<ExitStatus> {
	const { runWindow } = await import("./window/run-window.ts");
	const devices = new RememberedDevices(configDir, options.endpoints);
	const print = (sentence: string): void => printMarked(sentence, options.plain, runtime.output);
	return runWindow({ ...options, servers, devices, configDir }, { ...runtime, print });
}

async function runChat(
	target: RoomTarget,
	admission: Admission,
	options: ClientOptions & Kept,
	{ input, output, signal, signals, atExit }: Runtime,
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
async function openHistory(options: ClientOptions & Kept): Promise<HistoryFile | undefined> {
	const { plain, noHistory, endpoints, configDir } = options;
	if (plain || noHistory) return undefined;
	const { HistoryFile } = await import("./editor/history-file.ts");
	return new HistoryFile(configDir.folder, roomKey(endpoints));
}
