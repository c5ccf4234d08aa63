import { nameField, visitField } from "../../wire/messages/fields.ts";
import { BELLS, type Bell, CLOCKS, type Clock } from "../commands/command.ts";
import type { JsonStore } from "../util/json-store.ts";
import type { Recipient } from "./visits.ts";

const FILE = "preferences.json";
const IGNORED = "ignored.json";
/** Members remembered for a room, and rooms that any are remembered for; the newest stay. */
const MAX_IGNORED = 100;
const MAX_ROOMS = 50;

/**
 * What the user has chosen with commands, for the next run: bell and time in every room, because
 * they are about the user's own screen; whom to ignore in one, because visits mean nothing elsewhere.
 */
export class Preferences {
	readonly #configDir: JsonStore | null;
	readonly #room: string;
	/** The ignored members that we know to be in the file. */
	#known: readonly Recipient[];

	/** `configDir` is null for a client that no person uses, which chooses anew each time; `room` is a `roomKey`. */
	constructor(configDir: JsonStore | null, room: string) {
		this.#configDir = configDir;
		this.#room = room;
		this.#known = this.#read();
	}

	get bell(): Bell | undefined {
		return BELLS.find((each) => each === this.#configDir?.read(FILE).bell);
	}

	get clock(): Clock | undefined {
		return CLOCKS.find((each) => each === this.#configDir?.read(FILE).time);
	}

	saveBell(bell: Bell): void {
		this.#configDir?.write(FILE, { ...this.#configDir.read(FILE), bell });
	}

	saveClock(time: Clock): void {
		this.#configDir?.write(FILE, { ...this.#configDir.read(FILE), time });
	}

	/** The members ignored here in earlier runs, as far as the file knew at the start. */
	get ignored(): readonly Recipient[] {
		return this.#known;
	}

	/** Saves whom the user ignores now, besides those whom another client has added meanwhile. */
	saveIgnored(members: readonly Recipient[]): void {
		const ours = new Set([...this.#known, ...members].map(({ visit }) => visit));
		const others = this.#read().filter(({ visit }) => !ours.has(visit));
		this.#known = members;
		const kept = [...others, ...members].slice(-MAX_IGNORED);
		const { [this.#room]: _, ...elsewhere } = this.#configDir?.read(IGNORED) ?? {};
		const rooms = Object.entries(elsewhere).slice(1 - MAX_ROOMS);
		if (kept.length > 0) rooms.push([this.#room, kept]);
		this.#configDir?.write(IGNORED, Object.fromEntries(rooms));
	}

	#read(): Recipient[] {
		const saved = this.#configDir?.read(IGNORED)[this.#room];
		if (!Array.isArray(saved)) return [];
		return saved.slice(-MAX_IGNORED).flatMap((entry: unknown) => {
			const { name, visit } = Object(entry);
			return nameField.is(name) && visitField.is(visit) ? [{ name, visit }] : [];
		});
	}
}
