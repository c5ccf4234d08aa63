import { formatHostPort, roomKey } from "../../util/host-port.ts";
import { readPage } from "../../web/page-files.ts";
import type { PageSource } from "../../web/page-source.ts";
import { Site } from "../../web/site.ts";
import type { ExitStatus } from "../chat/exit-status.ts";
import type { Bell } from "../commands/command.ts";
import type { LoginDefaults } from "../login/login-page.ts";
import type { RememberedDevices } from "../net/remembered-devices.ts";
import type { ServerList } from "../net/server-list.ts";
import type { ConfigDir } from "../util/config-dir.ts";
import { LoopbackDoor } from "./loopback-door.ts";
import { hasScreen, LinkFile, openBrowser } from "./open-browser.ts";
import { Window } from "./window.ts";

interface WindowOptions {
	readonly servers: ServerList;
	readonly devices: RememberedDevices;
	readonly configDir: ConfigDir;
	readonly defaults: LoginDefaults;
	readonly remember: boolean;
	readonly bell: Bell | undefined;
	/** Seconds. */
	readonly patience: number;
}

interface WindowRuntime {
	readonly environment: Record<string, string | undefined>;
	readonly signal: AbortSignal;
	readonly atExit: (action: () => void) => void;
	readonly loadPage: () => Promise<PageSource>;
	readonly print: (sentence: string) => void;
}

/** Shows the room in a browser's window, until it is closed. Throws ReasonedError `page_unusable`. */
export async function runWindow(
	{ servers, devices, configDir, defaults, remember, bell, patience }: WindowOptions,
	{ environment, signal, atExit, loadPage, print }: WindowRuntime,
): Promise<ExitStatus> {
	const site = new Site(await readPage(await loadPage()));
	const { endpoints } = servers;
	const setting = {
		servers: endpoints.map(formatHostPort).join(", "),
		room: roomKey(endpoints),
		...{ ...defaults, remember, bell, patience },
	};
	let isOpen = false;
	const window = new Window({
		...{ servers, devices, setting, signal },
		store: configDir,
		opened: () => {
			isOpen = true;
			file?.remove();
		},
		joined: (name) => print(`You are in the room as ${name}.`),
	});
	const door = new LoopbackDoor(site, window);
	const file = hasScreen(environment) ? LinkFile.write(door.link) : null;
	atExit(() => file?.remove());
	const how = file ? "The room opens in a window. If none appears, open" : "Open";
	print(`${how} this link in a browser on this machine:\n${door.link}`);
	if (file) void openBrowser(file, () => isOpen);
	try {
		return await window.closed();
	} finally {
		file?.remove();
		door.stop();
	}
}
