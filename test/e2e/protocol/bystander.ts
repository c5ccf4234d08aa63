import { afterAll, afterEach, beforeEach } from "bun:test";
import { Stage } from "../../support/programs.ts";

/** Opens one room for all tests of a file; a member talks undisturbed before and after each. */
export const openWithBystander = (...flags: string[]) => withBystander({}, ...flags);

/** The same, where peers connect as a page does. */
export const openPagedWithBystander = (...flags: string[]) =>
	withBystander({ isPaged: true }, ...flags);

async function withBystander(how: { readonly isPaged?: boolean }, ...flags: string[]) {
	const stage = await Stage.openWith({ isLocal: true, ...how }, ...flags);
	const bystander = await stage.member("bystander");
	let spoken = 0;
	const talk = async (): Promise<void> => {
		const text = `line ${++spoken}`;
		bystander.say(text);
		await bystander.waitFor({ type: "said", from: "bystander", text });
	};
	beforeEach(talk);
	afterEach(talk);
	afterAll(() => stage[Symbol.asyncDispose]());
	/** How many lines the bystander has said. */
	return { stage, bystander, spoken: () => spoken };
}
