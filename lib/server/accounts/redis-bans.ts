import type { SharedValues } from "../redis/shared-values.ts";
import { type BanKeeper, type BanRecord, hasSeen } from "./ban-record.ts";

/** The bans have no end. */
const FOR_EVER = 0;

/** Keeps the bans of a room in Redis while there is no room. */
export class RedisBans implements BanKeeper {
	readonly #values: SharedValues;

	constructor(values: SharedValues) {
		this.#values = values;
	}

	get #name(): string {
		return this.#values.nameOf("bans");
	}

	async load(): Promise<BanRecord | null> {
		return (await this.#values.read<BanRecord>(this.#name)).value ?? null;
	}

	async save(record: BanRecord): Promise<void> {
		for (;;) {
			const stored = await this.#values.read<BanRecord>(this.#name);
			if (stored.value ? hasSeen(stored.value, record) : isUntouched(record)) return;
			if (await this.#values.replace(this.#name, stored, record, FOR_EVER)) return;
		}
	}
}

/** Nobody was ever banned: there is nothing to keep. */
const isUntouched = ({ version, accounts }: BanRecord): boolean =>
	version === 0 && accounts.length === 0;
