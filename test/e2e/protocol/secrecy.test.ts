import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Fernet } from "../../../lib/wire/fernet.ts";
import { messagesIn } from "../../support/batch.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD, tokenOf } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Bot, type Json, Program, Stage } from "../../support/programs.ts";
import { tap, type WireTap } from "../../support/tap.ts";
import { Screen } from "../../support/terminal.ts";

// Somebody listens between clients and server, and somebody reads over the programs' shoulders.

const textOf = (...taps: WireTap[]): string =>
	taps.flatMap(({ lines }) => lines.map(({ line }) => line)).join("\n");

/** A secret as it could stand in a text: as it is, in hexadecimal, or in base64 at any offset. */
function spellings(secret: string): string[] {
	const shifted = [0, 1, 2].map((offset) => {
		const bytes = Buffer.from("\0".repeat(offset) + secret);
		// Characters that depend on what stands around the secret do not count.
		const [first, last] = [Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6)];
		return bytes.toString("base64").slice(first, last);
	});
	const urls = shifted.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
	return [secret, Buffer.from(secret).toString("hex"), ...shifted, ...urls];
}

/** A key as a file holds it, and its bytes. */
const spellingsOfKey = (key: string): string[] => [
	...spellings(key),
	Buffer.from(key, "base64url").toString("base64"),
	Buffer.from(key, "base64url").toString("hex"),
];

function expectNone(secrets: string[], text: string): void {
	for (const secret of secrets) {
		// Anything shorter could be in a token by chance.
		expect(secret.length).toBeGreaterThan(6);
		expect(text.includes(secret), secret).toBe(false);
	}
}

/** The session keys in the folder now, by session id. */
async function keysIn(stage: Stage): Promise<Map<string, string>> {
	const keys = new Map<string, string>();
	for (const name of await stage.keyFiles()) {
		keys.set(name.slice(0, -4), await readFile(join(stage.keys, name), "latin1"));
	}
	return keys;
}

interface Opened {
	sent: Json[];
	heard: Json[];
	roomKeys: string[];
}

/** Opens every line of one connection with its session's key and the room keys found on the way. */
function openAll({ lines }: WireTap, keys: Map<string, string>): Opened {
	const sentBy = (side: string) => lines.flatMap(({ from, line }) => (from === side ? [line] : []));
	const [hello = "", ...sent] = sentBy("client");
	// Who tries to come back where nobody answers begins a connection of which there is nothing more.
	const again = sent.findIndex((line) => line.startsWith("FERNET-CHAT/1 "));
	const tokens = again === -1 ? sent : sent.slice(0, again);
	const id = /^FERNET-CHAT\/1 ([0-9a-f]{32})$/.exec(hello)?.[1] ?? "";
	const session = new Fernet(keys.get(id) ?? "");
	const read = (fernet: Fernet, token: string) =>
		JSON.parse(Buffer.from(fernet.decrypt(token)).toString());
	const opened: Opened = {
		sent: tokens.map((token) => read(session, token)),
		heard: [],
		roomKeys: [],
	};
	const rooms = new Map<string, Fernet>();
	for (const line of sentBy("server")) {
		const [epoch = "", token = "", ...more] = line.split(" ");
		const fernet = epoch === "0" ? session : rooms.get(epoch);
		if (!fernet || more.length > 0) throw new Error(`not <epoch> <token>: ${line.slice(0, 40)}`);
		const value = read(fernet, token);
		opened.heard.push(...messagesIn(value));
		const { epoch: next, key } = value.next ?? value;
		if (key === undefined) continue;
		rooms.set(String(next), new Fernet(key));
		opened.roomKeys.push(key);
	}
	return opened;
}

/** A bot that talks to the server through a tap of its own. */
async function tapped(stage: Stage, name: string, password = PASSWORD): Promise<[Bot, WireTap]> {
	const line = await tap(stage.port);
	const bot = stage.bot(name, password, line.port);
	stage.tidy(line);
	return [bot, line];
}

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
		"you have left the room",
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
	expect(textOf(line)).toMatch(/^FERNET-CHAT\/1 [0-9a-f]{32}\n[\w=-]+\n0 [\w=-]+$/);
});

/** What passed since the last hello: of connections one after the other, the last. */
function lastOf(line: WireTap): WireTap {
	const hello = line.lines.findLastIndex(({ line }) => line.startsWith("FERNET-CHAT/1 "));
	return { ...line, lines: line.lines.slice(hello) };
}

test("an access token, a mailed code and its ticket pass in tokens alone, and are not printed", async () => {
	await using stage = await Stage.openWith({ isMailing: true });
	const [first, second] = [stage.tidy(await tap(stage.port)), stage.tidy(await tap(stage.port))];
	const as = (name: string, { port }: WireTap): string[] => [
		...[`127.0.0.1:${port}`, "--keys", stage.keys],
		...["--name", name, "--email", `${name}@gmail.com`],
	];
	const token = tokenOf("annabel@gmail.com");
	const byToken = [...as("annabel", first), "--json", "--token"];
	const annabel = stage.tidy(new Bot("client.ts", byToken, { FERNET_CHAT_TOKEN: token }));
	await annabel.waitFor({ type: "welcome" });
	const benedict = stage.tidy(new Screen("client.ts", [...as("benedict", second), "--plain"]));
	await benedict.waitForText("Log in with");
	benedict.type("code\n");
	await eventually("a mail", () => stage.mails.length === 1);
	const code = /fernet-chat is (\d{6})/.exec(stage.mails[0]?.text ?? "")?.[1] ?? "";
	await benedict.waitForText("Code in the mail");
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

/** All that the programs have printed, on either stream. */
const printed = (...programs: Program[]): string =>
	programs.map(({ out, err }) => out + err).join("");

test("no program prints a password or a key, however the visit ends", async () => {
	// Who has lost the server is not to wait for it.
	await using stage = await Stage.open("--grace", "0");
	const wrong = "correcthorsebattery";
	const refused = stage.bot("annabel", wrong);
	const malformed = stage.bot("annabel", `${wrong}\r\nQUIT`);
	expect(await Promise.all([refused.exit(), malformed.exit()])).toEqual([2, 2]);

	const [leaver, leaving] = await tapped(stage, "benedict");
	const [stayer, staying] = await tapped(stage, "annabel");
	await Promise.all([leaver.waitFor({ type: "welcome" }), stayer.waitFor({ type: "welcome" })]);
	const keys = await keysIn(stage);
	leaver.write('not JSON\n{"type":"say"}\n');
	leaver.endInput();
	await leaver.exit();
	await stayer.waitFor({ type: "left" });
	stage.server.kill("SIGKILL");
	await stage.server.exit();
	expect(await stayer.exit()).toBe(3);

	const roomKeys = [leaving, staying].flatMap((line) => openAll(line, keys).roomKeys);
	expect(roomKeys.length).toBeGreaterThan(2);
	const secrets = [wrong, PASSWORD].flatMap(spellings);
	secrets.push(...[...keys.values(), ...roomKeys].flatMap(spellingsOfKey));
	expectNone(secrets, printed(stage.server, refused, malformed, leaver, stayer));
});

for (const format of ["text", "json"]) {
	test(`the owner's log has every visit, and no word, password, key or token, as ${format}`, async () => {
		await using stage = await Stage.open("--log", format);
		const wrong = "correcthorsebattery";
		await stage.bot("annabel", wrong).exit();
		// A password typed into the wrong line, and one that is none.
		const login = { type: "login", name: "eve", email: "eve@gmail.com", password: wrong };
		for (const fields of [{ name: wrong }, { email: wrong }, { password: `${wrong}\n` }]) {
			const eve = Peer.greeting(stage);
			eve.send({ ...login, ...fields });
			await eve.waitUntilClosed();
		}
		const [annabel, line] = await tapped(stage, "annabel");
		const [benedict, other] = await tapped(stage, "benedict");
		await Promise.all([
			annabel.waitFor({ type: "welcome" }),
			benedict.waitFor({ type: "welcome" }),
		]);
		benedict.say("rhubarb, rhubarb");
		await annabel.waitFor({ type: "said", text: "rhubarb, rhubarb" });
		annabel.send({ type: "tell", to: "benedict", text: "custard" });
		await benedict.waitFor({ type: "told", text: "custard" });
		const keys = await keysIn(stage);
		benedict.endInput();
		await annabel.waitFor({ type: "left" });
		annabel.kill("SIGKILL");
		await stage.server.waitForOutput(/offline.*annabel/);
		stage.server.kill();
		await stage.server.exit();

		const log = stage.server.err;
		for (const event of ["joined", "left", "offline"]) expect(log).toContain(event);
		expect(log.match(/\brefused\b/g)).toHaveLength(4);
		const opened = [openAll(line, keys), openAll(other, keys)];
		const tokens = opened.flatMap(({ heard }) => heard.flatMap(({ resume }) => resume ?? []));
		expect(tokens).toHaveLength(2);
		const roomKeys = opened.flatMap(({ roomKeys }) => roomKeys);
		const secrets = ["rhubarb", "custard", wrong, PASSWORD, ...tokens.map(String)];
		expectNone(secrets.flatMap(spellings), log);
		expectNone([...keys.values(), ...roomKeys].flatMap(spellingsOfKey), log);
		expectNone([...keys.keys()], log);
	});
}

test("a client told to do the impossible does not print its password", async () => {
	const env = { FERNET_CHAT_PASSWORD: PASSWORD };
	for (const args of [
		["--json"],
		["--json", "--name", "a b"],
		["--json", "--password", PASSWORD],
	]) {
		await using client = new Program("client.ts", args, env);
		expect(await client.exit()).toBe(1);
		expectNone(spellings(PASSWORD), printed(client));
	}
});
