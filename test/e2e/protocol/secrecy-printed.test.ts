import { expect, test } from "bun:test";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Program, Stage } from "../../support/programs.ts";
import {
	expectNone,
	keysIn,
	openAll,
	printed,
	spellings,
	spellingsOfKey,
	tapped,
} from "./secrets.ts";

// People who read what the programs print must learn no secret.

test("no program prints a password or a key, however the visit ends", async () => {
	// A client that lost the server must not wait for it.
	await using stage = await Stage.open("--grace", "0");
	const wrong = "correcthorsebattery";
	const refused = stage.botProgram("annabel", wrong);
	const malformed = stage.botProgram("annabel", `${wrong}\r\nQUIT`);
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
	test(`the operator's log has every visit, and no word, password, key or token, as ${format}`, async () => {
		await using stage = await Stage.open("--log", format);
		const wrong = "correcthorsebattery";
		await stage.botProgram("annabel", wrong).exit();
		// A password typed as the name, one typed as the address, and one with a line break.
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
