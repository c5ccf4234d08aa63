import type { MemberJson } from "../../../../lib/server/room-state/member.ts";

/** A member that has just joined, with no connection to this server. */
export const memberJson = (name: string, visit = `${name}-1`): MemberJson => ({
	...{ name, visit, account: `${name}@gmail.com`, joinedAt: 0, generation: 1, server: "server-1" },
	...{
		offlineSince: null,
		offlineSeq: null,
		isCaughtUp: true,
		awaySince: null,
		unreadableSeq: 0,
		joinedAtSeq: 0,
	},
	...{ privateCount: 0, privateConfirmed: 0, owed: [], tokens: ["token-1"], ids: [[], []] },
});
