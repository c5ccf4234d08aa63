import type { ReadStream, WriteStream } from "node:tty";
import { ChatError } from "../util/errors.ts";
import type { ErrorCode } from "../wire/errors/error-codes.ts";
import { KeyFolder } from "../wire/keys/key-folder.ts";
import { chat } from "./chat/chat.ts";
import { type ExitStatus, exitStatusOf } from "./chat/exit-status.ts";
import type { Bell } from "./commands/command.ts";
import { type GivenCredentials, joinUnasked } from "./login/join-unasked.ts";
import { loadLastLogin, saveLastLogin } from "./login/last-login.ts";
import { type LoginDefaults, type LoginService, logIn } from "./login/login-flow.ts";
import type { InteractiveMethod } from "./login/login-page.ts";
import { type Endpoint, type ServerTarget, usesTls } from "./net/endpoint.ts";
import { ClosedByServer, type Credentials, join, LoginDenied } from "./net/join.ts";
import { KnownServers } from "./net/known-servers.ts";
import type { Membership } from "./net/membership.ts";
import { type LoginMethods, loginMethods, requestCode } from "./net/queries.ts";
import { RememberedDevices } from "./net/remembered-devices.ts";
import { verifyServer } from "./net/verify-server.ts";
import type { JobSignals } from "./terminal/job-control.ts";
import { Style } from "./terminal/style.ts";
import { aborted } from "./util/abort.ts";
import { ConfigDir } from "./util/config-dir.ts";
import { markLines } from "./util/line-mark.ts";
import { sanitizeLine } from "./util/sanitize.ts";
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
	readonly bell: Bell;
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

const NOT_LOGGED_IN: ExitStatus = { code: 0, text: "You did not log in." };

/** Runs one visit, from login to goodbye. Resolves to the exit code. */
export async function runClient(options: ClientOptions, runtime: Runtime): Promise<number> {
	const { code, text } = await visit(options, runtime);
	// A bot has already read why, in a `closed` or `denied` line.
	if (!options.json) runtime.output.write(`${markLines(text)}\n`);
	return code;
}

async function visit(options: ClientOptions, runtime: Runtime): Promise<ExitStatus> {
	const { credentials, endpoint } = options;
	const configDir = new ConfigDir(runtime.environment);
	const keys = usesTls(endpoint) ? undefined : new KeyFolder(options.keys);
	runtime.atExit(() => keys?.removeSaved());
	const target = {
		...{ endpoint, keys, knownServers: new KnownServers(configDir) },
		devices: options.remember ? new RememberedDevices(configDir, endpoint) : undefined,
	};
	const noZone = adoptTimeZone(runtime.environment);
	if (noZone !== null && !options.json) runtime.output.write(`${markLines(noZone)}\n`);
	if (options.json && credentials) {
		const { runJsonUi } = await import("./ui/json-ui.ts");
		return runJsonUi(target, credentials, runtime);
	}
	try {
		if (!credentials) return await runForPerson(options, runtime, target, configDir);
		const membership = await Promise.race([
			joinUnasked(target, credentials),
			aborted(runtime.signal),
		]);
		return membership ? await runChat(membership, options, runtime, []) : NOT_LOGGED_IN;
	} catch (error) {
		if (error instanceof ClosedByServer) return exitStatusOf(error.reason);
		if (error instanceof LoginDenied) return { code: 2, text: error.message };
		if (error instanceof ChatError) return { code: 3, text: error.message };
		throw error;
	}
}

/** Takes the user through the login page and the chat, and again if the server lost their place. */
async function runForPerson(
	options: ClientOptions,
	runtime: Runtime,
	target: ServerTarget,
	configDir: ConfigDir,
): Promise<ExitStatus> {
	const { signal } = runtime;
	let { defaults } = options;
	let offered = loadLastLogin(configDir);
	let unsent: NonNullable<ExitStatus["unsent"]> = [];
	const joinAndRemember = async (given: Credentials): Promise<Membership> => {
		const membership = await join(target, given);
		offered = { name: given.name, email: given.email };
		saveLastLogin(offered, configDir);
		return membership;
	};
	// Loading clack takes longer than loading all the rest of the program.
	const { confirmFingerprint, openLoginPage } = options.plain
		? await import("./login/plain-page.ts")
		: await import("./login/clack-page.ts");
	for (;;) {
		if (!(await verifyServer(target, confirmFingerprint(runtime), signal))) return NOT_LOGGED_IN;
		const accepted = await Promise.race([loginMethods(target), aborted(signal)]);
		if (accepted === null) return NOT_LOGGED_IN;
		const methods = interactiveMethods(accepted);
		const { verifier } = accepted;
		const page = openLoginPage({ endpoint: options.endpoint, methods, verifier }, runtime);
		const service: LoginService = {
			methods,
			verifier,
			requestCode: (email) => requestCode(target, email),
			join: joinAndRemember,
		};
		const membership = await logIn(page, service, defaults, offered, signal);
		if (membership === null) return NOT_LOGGED_IN;
		const status = await runChat(membership, options, runtime, unsent);
		if (status.unsent === undefined) return status;
		runtime.output.write(`${markLines(status.text)}\n`);
		unsent = status.unsent;
		// Ask for both again: only the user can decide to log in again, and as whom.
		defaults = { name: undefined, email: undefined };
	}
}

/** The login methods that the server offers to people. Throws LoginDenied if there are none. */
function interactiveMethods({ methods, version }: LoginMethods): readonly InteractiveMethod[] {
	const offered = (["code", "password"] as const).filter((method) => methods.includes(method));
	if (offered.length > 0) return offered;
	const text = methods.includes("token")
		? "This server accepts only access tokens. Use --token."
		: `This server (version ${sanitizeLine(version)}) accepts no way to log in that this client knows. Update the client.`;
	throw new LoginDenied({ code: "method_not_accepted" satisfies ErrorCode, text });
}

async function runChat(
	membership: Membership,
	{ bell, plain: isPlain }: ClientOptions,
	{ input, output, signal, signals, atExit }: Runtime,
	unsent: NonNullable<ExitStatus["unsent"]>,
): Promise<ExitStatus> {
	const style = new Style(!isPlain && output.hasColors());
	const { openUi } = isPlain
		? await import("./ui/plain-ui.ts")
		: await import("./ui/terminal-ui.ts");
	return chat(membership, {
		style,
		bell,
		unsent,
		signal,
		open: (conversation, submit, leave) => {
			const ui = openUi({ input, output, signals }, conversation, { submit, leave, style });
			atExit(() => ui.close());
			return ui;
		},
	});
}
