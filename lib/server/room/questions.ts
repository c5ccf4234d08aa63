import type { OwnerMessage, Roster } from "../../wire/messages/messages.ts";
import type { Stamp } from "../room-log/room-log.ts";
import type { Member } from "../room-state/member.ts";
import type { RoomState } from "../room-state/room-state.ts";

/** What members asked for in this turn that changes nothing, and so needs no place in the log. */
export class Questions {
	/** Each gets one answer a turn, however often it asks. */
	readonly #rosters = new Set<Member>();
	#owners: [Member, OwnerMessage][] = [];

	/** A member wants to know who is here. */
	askForRoster(member: Member): void {
		this.#rosters.add(member);
	}

	/** What only an owner may ask. */
	ask(member: Member, message: OwnerMessage): void {
		this.#owners.push([member, message]);
	}

	answerOwners(room: { answer(member: Member, message: OwnerMessage): void }): void {
		const asked = this.#owners;
		this.#owners = [];
		for (const question of asked) room.answer(...question);
	}

	sendRosters({ members, settings }: RoomState, now: () => Stamp): void {
		let roster: Roster | undefined;
		for (const member of this.#rosters) {
			// Not before it has all that it missed.
			if (member.presence.state === "behind") continue;
			this.#rosters.delete(member);
			roster ??= members.rosterAt(now(), settings);
			member.send(roster);
		}
	}
}
