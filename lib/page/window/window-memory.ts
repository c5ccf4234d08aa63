import type { DeviceMemory } from "../../client/net/room-target.ts";
import type { JsonStore } from "../../client/util/json-store.ts";
import { KEPT_FILES, MAX_VISIT } from "../../client/window/window-messages.ts";
import type { VisitStorage } from "../storage/kept-visit.ts";
import type { Control } from "./control.ts";

/** What the client keeps in its own files, so that window and terminal share it. */
export class WindowStore implements JsonStore {
	readonly #control: Control;
	readonly #files: Map<string, Record<string, unknown>>;

	constructor(control: Control) {
		this.#control = control;
		this.#files = new Map(Object.entries(control.setting.files));
	}

	read(name: string): Record<string, unknown> {
		return this.#files.get(name) ?? {};
	}

	/** Sends what is new alone: the rest may have changed since. */
	write(name: string, value: Record<string, unknown>): void {
		const before = this.read(name);
		const gone = Object.keys(before).filter((key) => value[key] === undefined);
		const changed = Object.entries(value).filter(
			([key, each]) => JSON.stringify(each) !== JSON.stringify(before[key]),
		);
		const changes = Object.fromEntries([...changed, ...gone.map((key) => [key, null])]);
		this.#files.set(name, value);
		const file = KEPT_FILES.find((each) => each === name);
		if (file) this.#control.send({ type: "keep", file, changes });
	}
}

/** What the client keeps of a visit, for as long as it runs. */
export class WindowVisit implements VisitStorage {
	readonly #control: Control;

	constructor(control: Control) {
		this.#control = control;
	}

	/** As it was when the page began. */
	read(): Record<string, unknown> {
		return this.#control.setting.visit ?? {};
	}

	/** False if it is too much. Drops it while the client takes none. */
	write(_name: string, value: object): boolean {
		if (JSON.stringify(value).length > MAX_VISIT) return false;
		if (this.#control.unsent <= MAX_VISIT)
			this.#control.send({ type: "keep_visit", visit: { ...value } });
		return true;
	}

	remove(): void {
		this.#control.send({ type: "forget_visit" });
	}
}

/** What this device can log in with, in the client's files: another client may use it at the same time. */
export class WindowDevices implements DeviceMemory {
	readonly #control: Control;

	constructor(control: Control) {
		this.#control = control;
	}

	async load(email: string): Promise<string | null> {
		return (await this.#control.ask({ type: "load_device", email })).device;
	}

	/** The box beside the password is asked each time, and an empty one is no answer for a terminal. */
	isDeclined(): boolean {
		return false;
	}

	save(email: string, device: string | undefined): void {
		if (device !== undefined) this.#control.send({ type: "save_device", email, device });
	}

	decline(): void {}

	forget(email: string): void {
		this.#control.send({ type: "forget_device", email });
	}
}
