import { withoutInvisible } from "../../util/invisible.ts";

/** Characters of a reply that are worth reading. */
const MAX_SHOWN = 200;

/** What Redis adds to the fault in a script: a hash, which tells nobody anything. */
const IN_SCRIPT = / ?script: [0-9a-f]{40}, on @user_script:\d+\.$/;

/** What Redis, or whatever answers in its place, says: one line that cannot control a terminal. */
export const replyText = (reply: string): string =>
	withoutInvisible(reply).replaceAll(/\s+/g, " ").trim().replace(IN_SCRIPT, "").slice(0, MAX_SHOWN);
