import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Clocks } from "../../util/clock.ts";
import { errorMessage } from "../../util/errors.ts";
import type { LoginMethod } from "../../wire/messages/login-methods.ts";
import type { Limits } from "../limits/limits.ts";
import { DAY } from "../limits/rate-limiter.ts";
import { nameLines } from "../storage/config-file.ts";
import { ReloadingFile } from "../storage/reloading-file.ts";
import { type Device, DeviceFile, MAX_DEVICES } from "./device-file.ts";
import { deviceId, newSecret, nextSecret, secretHash } from "./device-secret.ts";

/** Beyond it, an account's device that was used longest ago is forgotten. */
export const MAX_DEVICES_PER_ACCOUNT = 10;
/** Secrets of one device that are good at once: the one used last, and the newest given since. */
const MAX_SECRETS = 4;

interface DeviceListOptions {
	/** The state folder. */
	readonly folder: string;
	/** A device that nobody logs in with for so long is forgotten. */
	readonly days: number;
	/** Milliseconds since 1970. */
	readonly wallNow: () => number;
	readonly warn: Warn;
}

type Warn = (sentence: string) => void;

/** The server's options, as far as they matter here. */
interface StoreOptions {
	readonly state: string;
	readonly limits: Pick<Limits, "rememberDays">;
	readonly clocks: Clocks;
}

/** What a login with a device leads to: its next secret, unless that could not be saved. */
export interface DeviceGrant {
	readonly id: string;
	readonly secret: string | undefined;
}

/**
 * The devices that need no other proof, in a file that outlives the server. Another server with the
 * same state folder may change it meanwhile, and the operator may delete a line.
 */
export class DeviceList {
	readonly #options: DeviceListOptions;
	readonly #file: ReloadingFile<DeviceFile>;
	/** Changes that are not in the file yet; null for a device that was forgotten. */
	readonly #unsaved = new Map<string, Device | null>();
	#saving: Promise<boolean> | undefined;
	/** The operator knows that there is no room for more. */
	#isFullSaid = false;

	/** Null if no device is to be remembered. Throws as the constructor does. */
	static open({ state: folder, limits, clocks }: StoreOptions, warn: Warn): DeviceList | null {
		const { rememberDays: days } = limits;
		if (days === 0) return null;
		return new DeviceList({ folder, days, wallNow: clocks.wallNow, warn });
	}

	/** Throws ChatError `devices_unusable` if the file cannot be read. */
	constructor(options: DeviceListOptions) {
		this.#options = options;
		const path = join(options.folder, "devices");
		this.#file = new ReloadingFile(path, (...version) => this.#read(...version), options.warn);
	}

	/**
	 * The device that a secret is for. "reused" for a secret that was superseded: it has been copied,
	 * nobody can tell which of the two is the thief, and the device is forgotten.
	 */
	judge(account: string, secret: string): Device | "unknown" | "reused" {
		const device = this.#current.get(deviceId(secret));
		if (device?.account !== account || this.#isExpired(device)) return "unknown";
		if (device.secrets.includes(secretHash(secret))) return device;
		void this.#change(device.id, null);
		return "reused";
	}

	/** Remembers a device of an account that was proved; undefined if it cannot be saved. */
	async remember(account: string, method: LoginMethod): Promise<DeviceGrant | undefined> {
		const [oldest, ...others] = this.of(account);
		if (oldest && others.length + 1 >= MAX_DEVICES_PER_ACCOUNT) void this.#change(oldest.id, null);
		// To forget somebody else's would let anyone with many accounts sign out all others.
		else if (this.#living(this.#current).size >= MAX_DEVICES) return void this.#warnFull();
		this.#isFullSaid = false;
		const secret = newSecret();
		const id = deviceId(secret);
		const now = this.#options.wallNow();
		const device = { id, account, method, secrets: [secretHash(secret)], madeAt: now, usedAt: now };
		return (await this.#change(id, device)) ? { id, secret } : undefined;
	}

	/**
	 * Call when a device has logged in with a secret that `judge` found good. Gives it the next one only
	 * once that is saved; until the next one is used, this one stays good.
	 */
	async renew({ id }: Device, secret: string): Promise<DeviceGrant> {
		const device = this.#current.get(id);
		// Signed out meanwhile.
		if (!device) return { id, secret: undefined };
		const next = nextSecret(secret);
		const used = secretHash(secret);
		// A newer one was used meanwhile.
		if (!device.secrets.includes(used)) return { id, secret: undefined };
		// Several given at once may be one file's, written by two clients: any of them may be what stays.
		const given = device.secrets[0] === used ? device.secrets.slice(1) : [];
		const secrets = [used, ...given.slice(2 - MAX_SECRETS), secretHash(next)];
		const isSaved = await this.#change(id, {
			...device,
			...{ secrets, usedAt: this.#options.wallNow() },
		});
		return { id, secret: isSaved ? next : undefined };
	}

	/** The account's devices, the one that was used longest ago first. */
	of(account: string): Device[] {
		const own = this.#current.values().filter((device) => device.account === account);
		return [...own.filter((device) => !this.#isExpired(device))];
	}

	/** Forgets devices at once; resolves to whether that is saved. It holds anyway. */
	async forget(devices: readonly Device[]): Promise<boolean> {
		const changes = devices.map(({ id }) => this.#change(id, null));
		return (await Promise.all(changes)).every(Boolean);
	}

	/** Some of them may have expired. */
	get #current(): ReadonlyMap<string, Device> {
		const { devices } = this.#file.content;
		return this.#unsaved.size === 0 ? devices : this.#withUnsaved(devices);
	}

	/** Either way, so that a clock that was once far ahead makes no device immortal. */
	#isExpired({ usedAt }: Device): boolean {
		return Math.abs(this.#options.wallNow() - usedAt) > this.#options.days * DAY;
	}

	/** All changes of a turn share one writing of the file. */
	#change(id: string, device: Device | null): Promise<boolean> {
		this.#unsaved.delete(id);
		this.#unsaved.set(id, device);
		this.#saving ??= setImmediate().then(() => {
			this.#saving = undefined;
			return this.#save();
		});
		return this.#saving;
	}

	#save(): boolean {
		try {
			const file = this.#file.content;
			file.replace(this.#living(this.#withUnsaved(file.devices)));
			this.#unsaved.clear();
			return true;
		} catch (error) {
			// Whatever it is: somebody waits for an answer.
			this.#options.warn(errorMessage(error));
			// A secret that is not saved is given to nobody, so the one before stays as it was.
			for (const [id, device] of this.#unsaved) if (device) this.#unsaved.delete(id);
			return false;
		}
	}

	#read(path: string, previous: DeviceFile | null): DeviceFile {
		const file = new DeviceFile(path, previous);
		// Once, and not after every login.
		if (file.unreadable.length > (previous?.unreadable.length ?? 0)) {
			const lines = nameLines(file.unreadable);
			const what = `Cannot read ${lines} of the list of remembered devices ${path}.`;
			this.#options.warn(`${what} These devices have to log in again.`);
		}
		return file;
	}

	#withUnsaved(saved: ReadonlyMap<string, Device>): ReadonlyMap<string, Device> {
		const devices = new Map(saved);
		for (const [id, device] of this.#unsaved) {
			// What is set anew comes last.
			devices.delete(id);
			if (device) devices.set(id, device);
		}
		return devices;
	}

	#living(devices: ReadonlyMap<string, Device>): ReadonlyMap<string, Device> {
		return new Map(devices.entries().filter(([, device]) => !this.#isExpired(device)));
	}

	/** Once, and not at every login: members must not use up what the log has for other warnings. */
	#warnFull(): void {
		if (this.#isFullSaid) return;
		this.#isFullSaid = true;
		const max = MAX_DEVICES.toLocaleString("en");
		this.#options.warn(`${max} devices are remembered, so no more are.`);
	}
}
