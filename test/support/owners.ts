import { eventually } from "./eventually.ts";
import { PASSWORD } from "./mailbox.ts";
import { Bot, type Json, type Stage } from "./programs.ts";

/** A bot under a name, with an address of its own. */
export function botAs(stage: Stage, name: string, email: string, password = PASSWORD): Bot {
	const who = ["--name", name, "--email", email];
	const env = { FERNET_CHAT_PASSWORD: password };
	return stage.tidy(new Bot("client.ts", stage.clientArgs("--json", ...who), env));
}

/** The same, let in. */
export async function memberAs(stage: Stage, name: string, email: string): Promise<Bot> {
	const bot = botAs(stage, name, email);
	await bot.waitFor({ type: "welcome" });
	return bot;
}

/** Why somebody is not let in; the program has ended then. */
export async function waitForDenial(bot: Bot): Promise<unknown> {
	const code = await bot.exit();
	const [line, ...more] = bot.lines;
	return more.length === 0 && line?.type === "denied" && code === 2 ? line.code : bot.lines;
}

let marks = 0;
/** Waits until all that a bot has asked for is done, and the others have heard of it. */
export async function settle(bot: Bot, ...others: Bot[]): Promise<void> {
	const text = `mark ${++marks}`;
	bot.say(text);
	await Promise.all([bot, ...others].map((each) => each.waitFor({ type: "said", text })));
}

/** Waits for the refusal that a request gets; gives its code. */
export async function waitForRefusal(bot: Bot, request: Json): Promise<unknown> {
	const refusals = () => bot.lines.filter(({ type }) => type === "refused");
	const before = refusals().length;
	bot.send(request);
	const [refused] = await eventually(
		`${JSON.stringify(request)} refused`,
		() => refusals().length > before && refusals().slice(before),
		() => bot.out,
	);
	return refused?.code;
}
