import type { LoginMethod } from "../../wire/messages/login-methods.ts";
import { DAY } from "../limits/rate-limiter.ts";
import type { SharedValues } from "../redis/shared-values.ts";
import { StoreUnavailable } from "../storage/store-unavailable.ts";
import type { Device } from "./device-file.ts";
import { deviceId } from "./device-secret.ts";
import type { DeviceGrant, DeviceStore } from "./device-store.ts";
import { createDevice, isGood, MAX_DEVICES_PER_ACCOUNT, rotateSecret } from "./secret-rotation.ts";

/** Values in Redis over which the devices are spread, and how many devices one of them holds. */
const PARTITIONS = 1024;
export const MAX_DEVICES_PER_PARTITION = 32;

interface RedisDeviceListOptions {
	readonly values: SharedValues;
	/** A device that nobody logs in with for so long is forgotten. */
	readonly days: number;
	/** For the operator's log. */
	readonly warn: (sentence: string) => void;
}

/** What to make of an account's devices, and what to return for it. Null changes nothing. */
interface Change<T> {
	readonly devices: readonly Device[] | null;
	readonly result: T;
}

/**
 * The devices that need no other proof at any server of a room, in Redis. All times are by its clock.
 * Each change is one compare-and-set of the value that holds the account's devices, and some others'.
 */
export class RedisDeviceList implements DeviceStore {
	readonly #values: SharedValues;
	readonly #lifetime: number;
	readonly #warn: (sentence: string) => void;

	constructor({ values, days, warn }: RedisDeviceListOptions) {
		this.#values = values;
		this.#lifetime = days * DAY;
		this.#warn = warn;
	}

	judge(account: string, secret: string): Promise<Device | "unknown" | "reused"> {
		const id = deviceId(secret);
		return this.#change<Device | "unknown" | "reused">(account, (devices) => {
			const device = devices.find((each) => each.id === id && each.account === account);
			if (!device) return { devices: null, result: "unknown" };
			if (isGood(device, secret)) return { devices: null, result: device };
			return { devices: devices.filter((each) => each !== device), result: "reused" };
		});
	}

	async remember(account: string, method: LoginMethod): Promise<DeviceGrant | undefined> {
		try {
			return await this.#change(account, (devices, now) => {
				const own = devices.filter((each) => each.account === account);
				const isOver = own.length >= MAX_DEVICES_PER_ACCOUNT;
				const kept = isOver ? devices.filter((each) => each !== own[0]) : devices;
				// To forget somebody else's would let anyone with many accounts sign out others.
				if (kept.length >= MAX_DEVICES_PER_PARTITION) return this.#full();
				const { device, secret } = createDevice(account, method, now);
				return { devices: [...kept, device], result: { id: device.id, secret } };
			});
		} catch (error) {
			if (error instanceof StoreUnavailable) return undefined;
			throw error;
		}
	}

	renew(judged: Device, secret: string): Promise<DeviceGrant | "overtaken"> {
		const { id } = judged;
		return this.#change<DeviceGrant | "overtaken">(judged.account, (devices, now) => {
			const device = devices.find((each) => each.id === id);
			// Signed out meanwhile.
			if (!device) return { devices: null, result: { id, secret: undefined } };
			const rotated = Bun.deepEquals(device, judged) ? rotateSecret(device, secret, now) : null;
			if (!rotated) return { devices: null, result: "overtaken" };
			const others = devices.filter((each) => each !== device);
			return { devices: [...others, rotated.device], result: { id, secret: rotated.next } };
		});
	}

	of(account: string): Promise<readonly Device[]> {
		return this.#change(account, (devices) => {
			return { devices: null, result: devices.filter((each) => each.account === account) };
		});
	}

	async forget(devices: readonly Device[]): Promise<boolean> {
		const ids = new Set(devices.map(({ id }) => id));
		for (const account of new Set(devices.map((device) => device.account))) {
			await this.#change(account, (current) => {
				const kept = current.filter(({ id }) => !ids.has(id));
				return { devices: kept.length < current.length ? kept : null, result: undefined };
			});
		}
		return true;
	}

	/** Decides by what Redis holds, and anew whenever another server was faster. */
	async #change<T>(
		account: string,
		decide: (devices: readonly Device[], now: number) => Change<T>,
	): Promise<T> {
		const name = partitionOf(this.#values, account);
		for (;;) {
			const stored = await this.#values.read<readonly Device[]>(name);
			const isLiving = ({ usedAt }: Device): boolean =>
				Math.abs(stored.now - usedAt) <= this.#lifetime;
			const living = (stored.value ?? []).filter(isLiving);
			const { devices, result } = decide(living, stored.now);
			if (!devices) return result;
			const next = devices.length === 0 ? undefined : devices;
			if (await this.#values.replace(name, stored, next, this.#lifetime)) return result;
		}
	}

	#full(): Change<undefined> {
		this.#warn("A device is not remembered, because too many are already.");
		return { devices: null, result: undefined };
	}
}

/** The name of the value that holds an account's devices. */
export function partitionOf(values: SharedValues, account: string): string {
	const mac = Buffer.from(values.mac("device partition", account), "base64url");
	return values.nameOf("devices", String(mac.readUInt32BE() % PARTITIONS));
}
