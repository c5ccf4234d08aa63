import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BanList } from "../../../../lib/server/accounts/ban-list.ts";
import type { LogEntry } from "../../../../lib/server/log/logger.ts";
import { Moderation } from "../../../../lib/server/moderation/moderation.ts";
import type { OwnerRequests } from "../../../../lib/server/room/room-controls.ts";
import type { OwnerMessage } from "../../../../lib/wire/messages/messages.ts";
import { memberOf, RoomHarness } from "../room/room-harness.ts";
import type { TestClient } from "../room/test-client.ts";

const OWNERS_EVENTS = ["kicked", "banned", "unbanned", "muted", "unmuted", "announced", "titled"];

/** A room that ann owns, with bob and carol in it. */
export class ModeratedRoom implements Disposable {
	readonly harness: RoomHarness;
	readonly ann: TestClient;
	readonly bob: TestClient;
	readonly carol: TestClient;
	/** The file. */
	readonly bans: BanList;
	readonly warnings: string[] = [];
	readonly #folder = mkdtempSync(join(tmpdir(), "fernet-chat-moderated-"));
	readonly #state = join(this.#folder, "state");

	/** So many accounts, `muted0@gmail.com` and so on, are muted before the first request of an owner. */
	constructor(muted = 0) {
		this.bans = new BanList(this.#state, () => {});
		const moderation = new Moderation({
			bans: this.bans,
			devices: null,
			warn: (sentence) => void this.warnings.push(sentence),
		});
		this.harness = new RoomHarness({
			...{
				grace: 60_000,
				moderation: afterMuting(muted, moderation),
				owners: ["ann@gmail.com"],
				emailVisibility: "full",
			},
		});
		this.ann = this.enter("ann");
		this.bob = this.enter("bob");
		this.carol = this.enter("carol");
	}

	/** Somebody joins, and is welcomed. */
	enter(name: string, account = name): TestClient {
		const client = this.harness.join(name, account);
		this.harness.turn();
		return client;
	}

	/** What the operator's log was given about owners. */
	get log(): LogEntry[] {
		return this.harness.recorded.filter(
			({ event }) => event === "owner_command" || event === "refused",
		);
	}

	/** The banned accounts, according to the room. */
	get banned(): readonly string[] {
		return this.harness.room.snapshot().bans;
	}

	/** From now on, bans cannot be saved: a file is where their folder should be. */
	keepFromSaving(): void {
		writeFileSync(this.#state, "");
	}

	/** Carries out a request of ann's, or of another's, and ends the turn. */
	ask(message: OwnerMessage, client = this.ann): void {
		this.harness.room.request(memberOf(client), message);
		this.harness.turn();
	}

	/** The operator writes the ban list by hand. */
	write(...accounts: string[]): void {
		mkdirSync(this.#state, { recursive: true, mode: 0o700 });
		writeFileSync(join(this.#state, "banned"), accounts.map((each) => `${each}\n`).join(""));
	}

	/** Likewise, and the room looks at it. */
	edit(...accounts: string[]): void {
		this.write(...accounts);
		this.harness.pass(1000);
	}

	/** What ann was refused. */
	get refusals(): unknown[] {
		return this.ann.toldOf("refused").map(({ type: _, ...refusal }) => refusal);
	}

	/** What the room was told that owners did. */
	get done(): unknown[] {
		return this.harness.events
			.filter(({ type }) => OWNERS_EVENTS.includes(type))
			.map(({ seq: _, at: __, ...event }) => event);
	}

	/** Somebody else joins under the name of a client that leaves. */
	replace(client: TestClient): TestClient {
		this.harness.depart(client);
		this.harness.turn();
		return this.enter(client.name, "other");
	}

	[Symbol.dispose](): void {
		rmSync(this.#folder, { recursive: true });
	}
}

/** In each server of the room: for each account to join would take too long. */
function afterMuting(count: number, moderation: Moderation): OwnerRequests {
	const prepared = new WeakSet<object>();
	return {
		handle(room, owner, message) {
			const { mutes } = room.state;
			if (!prepared.has(mutes)) {
				prepared.add(mutes);
				for (let i = 0; i < count; i++) {
					mutes.add(`muted${i}@gmail.com`, { name: `muted${i}`, visit: `visit-${i}` });
				}
			}
			moderation.handle(room, owner, message);
		},
		banEdits: (state) => moderation.banEdits(state),
	};
}

/** A member's name and visit, as a request names it. */
export const named = ({ name, member }: TestClient) => ({ name, visit: member?.visit ?? "" });
/** The same, where an address would do too. */
export const who = ({ name, member }: TestClient) => ({ who: name, visit: member?.visit ?? "" });
