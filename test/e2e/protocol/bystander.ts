import { afterAll, afterEach, beforeEach } from "bun:test";
import { Stage } from "../../support/programs.ts";

/** A room for all tests of a file, with a member who talks before and after each: nobody is disturbed. */
export async function openWithBystander(...flags: string[]) {
	const stage = await Stage.open(...flags);
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
