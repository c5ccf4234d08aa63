import { withoutInvisible } from "../../util/invisible.ts";

/** Characters of a reply that are worth reading. */
const MAX_SHOWN = 200;

/** What Redis, or whatever answers in its place, says: one line that cannot control a terminal. */
export const replyText = (reply: string): string =>
	withoutInvisible(reply).replaceAll(/\s+/g, " ").trim().slice(0, MAX_SHOWN);
