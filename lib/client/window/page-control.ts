import { ChatError } from "../../util/errors.ts";
import type { ExitStatus } from "../chat/exit-status.ts";
import { unknownServerNotice } from "../login/login-fields.ts";
import type { RememberedDevices } from "../net/remembered-devices.ts";
import type { ServerList } from "../net/server-list.ts";
import { verifyServer } from "../net/verify-server.ts";
import type { JsonStore } from "../util/json-store.ts";
import { faultOf } from "./fault.ts";
import { type PageMessage, readPageMessage } from "./page-messages.ts";
import type { PageSocket, PageSocketHandlers } from "./page-socket.ts";
import { ServerTurns } from "./server-turns.ts";
import { changeKept, readKept } from "./window-files.ts";
import type { WindowMessage, WindowSetting } from "./window-messages.ts";

/** What a page may ask its client for. */
export interface PageServices {
	readonly servers: ServerList;
	readonly devices: RememberedDevices;
	readonly store: JsonStore;
	readonly setting: Omit<WindowSetting, "files" | "visit">;
	/**
	 * Of the user's visit, for a page that is reloaded. The browser would keep it for longer than the
	 * client listens, and show it to whoever has the port then.
	 */
	readonly visit: { latest: Record<string, unknown> | undefined };
	/** Called when the page is there. */
	readonly opened: () => void;
	/** Called when the room has let the user in. */
	readonly joined: (name: string) => void;
	/** Called when the visit is over. */
	readonly over: (status: ExitStatus) => void;
	/** Called when the page has gone; `isExpected` unless it has crashed. */
	readonly gone: (isExpected: boolean) => void;
	/** Aborted when the program is told to end. */
	readonly signal: AbortSignal;
}

/** The one page of a window, for as long as it is there, and what it asks for. */
export class PageControl implements PageSocketHandlers {
	readonly turns: ServerTurns;
	readonly #socket: PageSocket;
	readonly #services: PageServices;
	#isGoing = false;
	/** Takes the user's answer to the question about a server. */
	#trust: (isTrusted: boolean) => void = () => {};

	constructor(socket: PageSocket, services: PageServices) {
		this.#socket = socket;
		this.#services = services;
		this.turns = new ServerTurns(services.servers, (message) => this.send(message));
		services.opened();
		const { setting, visit, store } = services;
		this.send({ type: "begin", ...setting, visit: visit.latest, files: readKept(store) });
	}

	send(message: WindowMessage): void {
		this.#socket.send(JSON.stringify(message));
	}

	message(text: string): void {
		try {
			this.#receive(readPageMessage(JSON.parse(text)));
		} catch (error) {
			if (!(error instanceof ChatError || error instanceof SyntaxError)) throw error;
			this.#socket.close();
		}
	}

	drained(): void {}

	closed(): void {
		this.turns.end();
		this.#trust(false);
		this.#services.gone(this.#isGoing);
	}

	#receive(message: PageMessage): void {
		const { devices, store, servers, visit, joined, over } = this.#services;
		switch (message.type) {
			case "verify":
				return void this.#verify(message.id);
			case "trust":
				return this.#trust(message.isTrusted);
			case "try":
				return void this.turns.begin(message.id);
			case "tried":
				return this.turns.tried(message.number, message.fault);
			case "stop":
				return this.turns.stop(message.id);
			case "leave_current":
				return servers.leaveCurrent();
			case "keep":
				return changeKept(store, message.file, message.changes);
			case "keep_visit":
				visit.latest = message.visit;
				return;
			case "forget_visit":
				visit.latest = undefined;
				return;
			case "going":
				this.#isGoing = true;
				return;
			case "load_device":
				return this.send({
					...{ type: "device", id: message.id },
					device: devices.load(message.email),
				});
			case "save_device":
				return devices.save(message.email, message.device);
			case "forget_device":
				return devices.forget(message.email);
			case "joined":
				return joined(message.name);
			case "over":
				return over(message.status);
		}
	}

	/** As in a terminal, but for where the user is asked. */
	async #verify(id: number): Promise<void> {
		const { servers, signal } = this.#services;
		const answer = await verifyServer(
			servers,
			(unknown) => {
				const { promise, resolve } = Promise.withResolvers<boolean>();
				this.#trust = resolve;
				this.send({ type: "unknown_server", notice: unknownServerNotice(unknown) });
				return promise;
			},
			signal,
		).then((isTrusted) => ({ isTrusted, fault: undefined }), failed);
		this.send({ type: "verified", id, ...answer });
	}
}

const failed = (error: unknown) => ({ isTrusted: false, fault: faultOf(error) });
