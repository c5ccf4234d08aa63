import type { ReadStream, WriteStream } from "node:tty";
import { ChatError } from "../util/errors.ts";
import { formatHostPort } from "../util/host-port.ts";
import { KeyFolder } from "../wire/keys/key-folder.ts";
import { chat } from "./chat/chat.ts";
import { type ExitStatus, failedLoginStatus } from "./chat/exit-status.ts";
import { Preferences } from "./chat/preferences.ts";
import type { Ui } from "./chat/ui.ts";
import type { Bell } from "./commands/command.ts";
import { type GivenCredentials, joinUnasked, rejoinUnasked } from "./login/join-unasked.ts";
import type { LoginDefaults } from "./login/login-flow.ts";
import { PersonLogin } from "./login/person-login.ts";
import { type Endpoint, type ServerTarget, usesTls } from "./net/endpoint.ts";
import type { Admission } from "./net/join.ts";
import { KnownServers } from "./net/known-servers.ts";
import { RememberedDevices } from "./net/remembered-devices.ts";
import type { HistoryFile } from "./terminal/history-file.ts";
import type { JobSignals } from "./terminal/job-control.ts";
import { Style } from "./terminal/style.ts";
import { aborted } from "./util/abort.ts";
import { ConfigDir } from "./util/config-dir.ts";
import { markLines } from "./util/line-mark.ts";
import { OwnSecret } from "./util/own-secret.ts";
import { adoptTimeZone } from "./util/time-zone.ts";

export interface ClientOptions {
	readonly endpoint: Endpoint;
	readonly keys: string;
	readonly defaults: LoginDefaults;
	/** Logs in with these, without a prompt; null to ask the user. */
	readonly credentials: GivenCredentials | null;
	/** Have the server remember this device, and log in as that. */
	readonly remember: boolean;
	readonly json: boolean;
	readonly plain: boolean;
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
}

/** What lasts from one visit to the next. */
interface Kept {
	readonly secret: OwnSecret;
	readonly configDir: ConfigDir;
}

const NOT_LOGGED_IN: ExitStatus = { code: 0, text: "You did not log in." };

/** Runs one stay, from login to goodbye. Resolves to the exit code. */
export async function runClient(options: ClientOptions, runtime: Runtime): Promise<number> {
	const { code, text } = await stay(options, runtime);
	// A bot has already read why, in a `closed` or `denied` line.
	if (!options.json) runtime.output.write(`${markLines(text)}\n`);
	return code;
}

async function stay(options: ClientOptions, runtime: Runtime): Promise<ExitStatus> {
	const { credentials, endpoint } = options;
	const patience = options.patience * 1000;
	const configDir = new ConfigDir(runtime.environment);
	const secret = new OwnSecret();
	secret.learn(credentials ?? {});
	const kept = { secret, configDir };
	const keys = usesTls(endpoint) ? undefined : new KeyFolder(options.keys);
	runtime.atExit(() => keys?.removeSaved());
	const target = {
		...{ endpoint, keys, knownServers: new KnownServers(configDir) },
		devices:
			options.remember || !credentials ? new RememberedDevices(configDir, endpoint) : undefined,
	};
	const noZone = adoptTimeZone(runtime.environment);
	if (noZone !== null && !options.json) runtime.output.write(`${markLines(noZone)}\n`);
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
			return await runChat(target, admission, { ...options, ...kept }, runtime, (_, signal) =>
				rejoinUnasked(target, credentials, patience, { signal }),
			);
		}
		const login = new PersonLogin({ ...options, ...kept, target }, runtime);
		const admission = await login.enter(options.defaults);
		if (!admission) return NOT_LOGGED_IN;
		return await runChat(target, admission, { ...options, ...kept }, runtime, (ui, signal) =>
			login.enterAgain(ui, signal),
		);
	} catch (error) {
		if (!(error instanceof ChatError)) throw error;
		return failedLoginStatus(error);
	}
}

async function runChat(
	target: ServerTarget,
	admission: Admission,
	options: ClientOptions & Kept,
	{ input, output, signal, signals, atExit }: Runtime,
	logIn: (ui: Ui, signal: AbortSignal) => Promise<Admission | null>,
): Promise<ExitStatus> {
	const { bell, plain: isPlain, patience, credentials, secret, endpoint, configDir } = options;
	const style = new Style(!isPlain && output.hasColors());
	const { openUi } = isPlain
		? await import("./ui/plain-ui.ts")
		: await import("./ui/terminal-ui.ts");
	const history = await openHistory(options);
	if (history?.fault) output.write(`${markLines(history.fault)}\n`);
	return chat(target, admission, {
		style,
		bell,
		preferences: new Preferences(input.isTTY ? configDir : null, endpoint),
		secret,
		signal,
		logIn,
		patience: patience * 1000,
		isAsked: credentials === null,
		open: (conversation, submit, leave) => {
			const ui = openUi({ input, output, signals }, conversation, {
				...{ submit, leave, style, secret, history },
			});
			atExit(() => ui.close());
			return ui;
		},
	});
}

/** Plain lines have no editor, and so no history. */
async function openHistory(options: ClientOptions & Kept): Promise<HistoryFile | undefined> {
	const { plain, noHistory, endpoint, configDir } = options;
	if (plain || noHistory) return undefined;
	const { HistoryFile } = await import("./terminal/history-file.ts");
	return new HistoryFile(configDir.folder, formatHostPort(endpoint));
}
