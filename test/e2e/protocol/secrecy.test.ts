import { expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD, tokenOf } from "../../support/mailbox.ts";
import { Bot, Stage } from "../../support/programs.ts";
import { tap, type WireTap } from "../../support/tap.ts";
import { Screen } from "../../support/terminal.ts";
import {
	expectNone,
	keysIn,
	openAll,
	printed,
	spellings,
	spellingsOfKey,
	tapped,
} from "./secrets.ts";

// Somebody listens between clients and server.

const textOf = (...taps: WireTap[]): string =>
	taps.flatMap(({ lines }) => lines.map(({ line }) => line)).join("\n");

test("nothing passes in clear, and the key files alone open every line", async () => {
	await using stage = await Stage.open();
	const [annabel, line] = await tapped(stage, "annabel");
	await annabel.waitFor({ type: "welcome" });
	const [benedict, other] = await tapped(stage, "benedict");
	await benedict.waitFor({ type: "welcome" });
	benedict.say("rhubarb, rhubarb");
	await annabel.waitFor({ type: "said", text: "rhubarb, rhubarb" });
	annabel.send({ type: "who" });
	await annabel.waitFor({ type: "roster" });
	const keys = await keysIn(stage);
	expect(keys.size).toBe(2);
	benedict.endInput();
	await annabel.waitFor({ type: "left" });
	annabel.say("custard");
	await annabel.waitFor({ type: "said", text: "custard" });
	annabel.endInput();
	await Promise.all([annabel.exit(), benedict.exit()]);

	const [first, second] = [openAll(line, keys), openAll(other, keys)];
	expect(first.sent.map(({ type }) => type)).toEqual(["login", "who", "say", "leave"]);
	expect(first.heard.map(({ type, text }) => text ?? type)).toEqual([
		...["welcome", "joined", "rhubarb, rhubarb", "roster", "rekey", "left", "custard"],
		"You left the room.",
	]);
	expect(second.sent[0]).toMatchObject({ email: "benedict@gmail.com", password: PASSWORD });
	expect(second.heard.map(({ type }) => type)).toEqual(["welcome", "said", "closing"]);

	const words = ["rhubarb", "custard", "annabel", "benedict", "gmail.com", "welcome", "password"];
	const roomKeys = [...first.roomKeys, ...second.roomKeys];
	expect(roomKeys).toHaveLength(4);
	expectNone([...words, PASSWORD].flatMap(spellings), textOf(line, other));
	expectNone([...keys.values(), ...roomKeys].flatMap(spellingsOfKey), textOf(line, other));
});

test("a refused login passes in clear as little as an accepted one", async () => {
	await using stage = await Stage.open();
	const wrong = "correcthorsebattery";
	const [bot, line] = await tapped(stage, "annabel", wrong);
	expect(await bot.exit()).toBe(2);
	expectNone(["annabel", "gmail.com", "wrong_password", wrong].flatMap(spellings), textOf(line));
	// Before it sends such a password, the client asks whose passwords the server takes.
	expect(textOf(line)).toMatch(/^(FERNET-CHAT\/1 [0-9a-f]{32}\n[\w=-]+\n0 [\w=-]+(\n|$)){2}$/);
});

/** The last connection's lines: all that passed since the last hello. */
function lastOf(line: WireTap): WireTap {
	const hello = line.lines.findLastIndex(({ line }) => line.startsWith("FERNET-CHAT/1 "));
	return { ...line, lines: line.lines.slice(hello) };
}

test("an access token, a mailed code and its ticket pass in tokens alone, and are not printed", async () => {
	await using stage = await Stage.openWith({ isMailing: true });
	const [first, second] = [stage.tidy(await tap(stage.port)), stage.tidy(await tap(stage.port))];
	const as = (name: string, { port }: WireTap): string[] => [
		...[`127.0.0.1:${port}`, "--keys", stage.keys],
		...["--name", name, "--email", `${name}@gmail.com`, "--patience", "0"],
	];
	const token = tokenOf("annabel@gmail.com");
	const byToken = [...as("annabel", first), "--token"];
	const annabel = stage.tidy(Bot.program(byToken, { FERNET_CHAT_TOKEN: token }));
	await annabel.waitFor({ type: "welcome" });
	const benedict = stage.tidy(new Screen("client.ts", [...as("benedict", second), "--plain"]));
	await benedict.waitForText("Log in with");
	benedict.type("code\n");
	await eventually("a mail", () => stage.mails.length === 1);
	const code = /fernet-chat code is (\d{6})/.exec(stage.mails[0]?.text ?? "")?.[1] ?? "";
	await benedict.waitForText("Code from the mail");
	benedict.type(`${code}\n`);
	await benedict.waitForText("You are benedict");

	const keys = await keysIn(stage);
	expect(openAll(first, keys).sent[0]).toMatchObject({ type: "login", token });
	const [login] = openAll(lastOf(second), keys).sent;
	expect(login).toMatchObject({ type: "login", code });
	const ticket = String(login?.ticket);
	expect(ticket).toMatch(/^[0-9a-f]{32}$/);
	// Six digits could be in a token by chance; in clear they would be in quotes.
	const secrets = [token, `"${code}"`, ticket, "benedict@", "annabel@"];
	expectNone(secrets.flatMap(spellings), textOf(first, second));
	const clear = textOf(first, second).replaceAll(
		/^(FERNET-CHAT\/1 [0-9a-f]{32}|(\d+ )?gAAAA[\w=-]+)$/gm,
		"",
	);
	expect(clear.trim()).toBe("");
	stage.server.kill();
	await Promise.all([stage.server.exit(), annabel.exit(), benedict.exit()]);
	const spoken = [token, ticket, PASSWORD].flatMap(spellings);
	expectNone(spoken, printed(stage.server, annabel) + benedict.written);
});
