import { expect } from "bun:test";
import type { Bot, Json } from "../../support/programs.ts";

/** The id of a member's stay in the room. */
export const VISIT = expect.stringMatching(/^[\w-]{4,22}$/);

/** The visit of a bot's own, as its welcome says. */
export async function visitOf(bot: Bot): Promise<string> {
	const { name, members } = await bot.waitFor({ type: "welcome" });
	return String((members as Json[]).find((member) => member.name === name)?.visit);
}

/** Waits until a bot has heard of a newcomer: a client knows nobody of whom it has not heard. */
export async function waitUntilMet(bot: Bot, newcomer: Bot): Promise<void> {
	await bot.waitFor({ type: "joined", visit: await visitOf(newcomer) });
}
