import { eventually } from "./eventually.ts";
import { PASSWORD } from "./mailbox.ts";
import { Bot, type Json, type Stage } from "./programs.ts";

/** Starts a bot under a name and an address. */
export function botAs(stage: Stage, name: string, email: string, password = PASSWORD): Bot {
	const who = ["--name", name, "--email", email];
	const env = { FERNET_CHAT_PASSWORD: password };
	return stage.tidy(Bot.local(stage.clientArgs(...who), env));
}

/** The same, and waits for the bot's welcome. */
export async function memberAs(stage: Stage, name: string, email: string): Promise<Bot> {
	const bot = botAs(stage, name, email);
	await bot.waitFor({ type: "welcome" });
	return bot;
}

/** Waits until a bot that the server denies entry has ended; returns the code of the denial. */
export async function waitForDenial(bot: Bot): Promise<unknown> {
	const code = await bot.exit();
	const [line, ...more] = bot.lines;
	return more.length === 0 && line?.type === "denied" && code === 2 ? line.code : bot.lines;
}

let marks = 0;
/** Waits until all of a bot's requests are done, and the others have heard of them. */
export async function settle(bot: Bot, ...others: Bot[]): Promise<void> {
	const text = `mark ${++marks}`;
	bot.say(text);
	await Promise.all([bot, ...others].map((each) => each.waitFor({ type: "said", text })));
}

/** Sends a request and waits for its refusal; returns the code of the refusal. */
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
