import { afterAll, beforeAll } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Bot, Stage } from "../../support/programs.ts";

export const FLAGS = ["--owner", "ann@gmail.com,boss@gmail.com"];
export let stage: Stage;
export let ann: Bot;
export const fileOf = (state: string): string => join(state, "banned");

export const banned = async ({ state }: Stage): Promise<string[]> =>
	(await readFile(fileOf(state), "utf8")).split("\n").slice(0, -1);

/** Opens one room for all tests of a file, with ann, an owner, in it. */
export function useBanningRoom(): void {
	beforeAll(async () => {
		stage = await Stage.local(...FLAGS);
		ann = await stage.member("ann");
	});
	afterAll(() => stage[Symbol.asyncDispose]());
}
