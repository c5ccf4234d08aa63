import type { Welcome } from "../../wire/messages/messages.ts";
import type { Member } from "./member.ts";
import type { RoomOptions } from "./room-options.ts";

/** What only the room knows: its key and title, the place in the order, the token to come back with. */
type Place = Pick<Welcome, "epoch" | "key" | "seq" | "resume" | "title" | "history">;

/** The JSON of a member's welcome. `members` is JSON already: all who join in one turn share it. */
export function welcomeJson(
	{ name, account }: Member,
	{ grace, owners, motd }: RoomOptions,
	place: Place,
	members: string,
): string {
	const owner = owners.has(account) || undefined;
	const welcome: Omit<Welcome, "members"> = { type: "welcome", name, ...place, grace, owner, motd };
	return `${JSON.stringify(welcome).slice(0, -1)},"members":${members}}`;
}
