import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BanList } from "../../../../lib/server/auth/ban-list.ts";
import type { LogEntry } from "../../../../lib/server/log/logger.ts";
import { Moderation } from "../../../../lib/server/moderation/moderation.ts";
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
	readonly bans: BanList;
	readonly moderation: Moderation;
	/** What the operator's log was given about owners. */
	readonly log: LogEntry[] = [];
	readonly #folder = mkdtempSync(join(tmpdir(), "fernet-chat-moderated-"));
	readonly #state = join(this.#folder, "state");

	constructor() {
		const { harness, clients } = RoomHarness.with({ grace: 60_000 }, "ann", "bob", "carol");
		this.harness = harness;
		[this.ann, this.bob, this.carol] = clients as [TestClient, TestClient, TestClient];
		this.bans = new BanList(this.#state, () => {});
		this.moderation = new Moderation({
			...{ room: harness.room, bans: this.bans, owners: new Set([this.ann.account]) },
			shownEmail: (account) => account,
			log: (entry) => void this.log.push(entry),
			close: () => {},
		});
	}

	/** From now on, bans cannot be saved: a file is where their folder should be. */
	keepFromSaving(): void {
		writeFileSync(this.#state, "");
	}

	/** Carries out a request of ann's, or of another's, and ends the turn. */
	ask(message: OwnerMessage, client = this.ann): void {
		this.moderation.handle(memberOf(client), message);
		this.harness.turn();
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
		const other = this.harness.join(client.name, "other");
		this.harness.turn();
		return other;
	}

	[Symbol.dispose](): void {
		rmSync(this.#folder, { recursive: true });
	}
}

/** A member's name and visit, as a request names it. */
export const named = ({ name, member }: TestClient) => ({ name, visit: member?.visit ?? "" });
/** The same, where an address would do too. */
export const who = ({ name, member }: TestClient) => ({ who: name, visit: member?.visit ?? "" });
