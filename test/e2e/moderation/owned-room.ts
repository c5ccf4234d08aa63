import { afterAll, beforeAll, expect } from "bun:test";
import { type Bot, type Json, Stage } from "../../support/programs.ts";

const OWNERS = "An.N+chat@googlemail.com,boss@work.example";
export let stage: Stage;
export let ann: Bot;
export let bob: Bot;
const OWNER_EVENTS = ["kicked", "banned", "unbanned", "muted", "unmuted", "announced", "titled"];

export const ownerEventsIn = (bot: Bot): Json[] =>
	bot.lines.filter(({ type }) => OWNER_EVENTS.includes(type));

export const place = { seq: expect.any(Number), at: expect.any(Number) };

/** Opens one room for all tests of a file, with ann, an owner, and bob in it. */
export function useOwnedRoom(): void {
	beforeAll(async () => {
		stage = await Stage.local("--owner", OWNERS);
		ann = await stage.member("ann");
		bob = await stage.member("bob");
	});
	afterAll(() => stage[Symbol.asyncDispose]());
}
