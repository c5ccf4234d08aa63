import type { Welcome } from "../../wire/messages/messages.ts";
import type { Member } from "../room-state/member.ts";
import type { RoomState } from "../room-state/room-state.ts";

/** What only the room knows: its key and title, the place in the order, what to come back with. */
type Place = Pick<Welcome, "epoch" | "key" | "seq" | "resume" | "title" | "history" | "device">;

/** The JSON of a member's welcome. `members` are fields of it: all who join in one turn share them. */
export function welcomeJson(
	{ name, account }: Member,
	state: RoomState,
	motd: string | undefined,
	place: Place,
	members: string,
): string {
	const { grace } = state.settings;
	const owner = state.isOwner(account) || undefined;
	const welcome: Omit<Welcome, "members" | "away"> = {
		type: "welcome",
		name,
		...place,
		grace,
		owner,
		motd,
	};
	return `${JSON.stringify(welcome).slice(0, -1)},${members}}`;
}
