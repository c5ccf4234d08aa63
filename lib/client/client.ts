import type { PageSource } from "../web/page-source.ts";
import { KeyFolder } from "../wire/keys/key-folder.ts";
import type { ExitStatus } from "./chat/exit-status.ts";
import { usesTls } from "./net/endpoint.ts";
import { KnownServers } from "./net/known-servers.ts";
import { RememberedDevices } from "./net/remembered-devices.ts";
import { ServerList } from "./net/server-list.ts";
import type { LinesOptions, LinesRuntime } from "./run-lines.ts";
import { ConfigDir } from "./util/config-dir.ts";
import { OwnSecret } from "./util/own-secret.ts";
import { adoptTimeZone } from "./util/time-zone.ts";

export interface ClientOptions extends LinesOptions {
	readonly keys: string;
	readonly json: boolean;
	/** Shows the room in a window of its own, in a browser. */
	readonly window: boolean;
}

/** What the client gets from its process. */
interface Runtime extends LinesRuntime {
	/** The process's own. */
	readonly environment: Record<string, string | undefined>;
	/** Loads the page that a window shows. */
	readonly loadPage: () => Promise<PageSource>;
}

/** Runs one stay, from login to goodbye. Resolves to the exit code. */
export async function runClient(options: ClientOptions, runtime: Runtime): Promise<number> {
	const { code, text } = await stay(options, runtime);
	// A bot has already read why, in a `closed` or `denied` line.
	if (!options.json) await print(text, options, runtime);
	return code;
}

// What only a person needs is loaded on demand: it is half of the client, and bots start sooner.

async function print(text: string, { plain }: ClientOptions, { output }: Runtime): Promise<void> {
	const { printMarked } = await import("./terminal/wrap.ts");
	printMarked(text, plain, output);
}

async function stay(options: ClientOptions, runtime: Runtime): Promise<ExitStatus> {
	const { credentials, endpoints } = options;
	const patience = options.patience * 1000;
	const configDir = new ConfigDir(runtime.environment);
	const secret = new OwnSecret();
	secret.learn(credentials ?? {});
	const servers = openServers(options, configDir, runtime);
	const target = {
		servers,
		devices:
			options.remember || !credentials ? new RememberedDevices(configDir, endpoints) : undefined,
	};
	if (options.window) return showWindow(servers, configDir, options, runtime);
	const noZone = adoptTimeZone(runtime.environment);
	if (noZone !== null && !options.json) await print(noZone, options, runtime);
	if (options.json && credentials) {
		const { runJsonUi } = await import("./ui/json-ui.ts");
		return runJsonUi(target, credentials, { patience, secret }, runtime);
	}
	const { runLines } = await import("./run-lines.ts");
	return runLines(target, { ...options, secret, configDir }, runtime);
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
	const { printMarked } = await import("./terminal/wrap.ts");
	return runWindow(
		{ ...options, servers, devices, configDir },
		{ ...runtime, print: (sentence) => printMarked(sentence, options.plain, runtime.output) },
	);
}
