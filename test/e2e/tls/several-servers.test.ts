import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fingerprintOf, selfSigned } from "../../support/certificates.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { Bot } from "../../support/programs.ts";
import { quietPort } from "../../support/quiet-port.ts";
import { Screen } from "../../support/terminal.ts";
import { KeptRoom } from "../reconnect/kept-room.ts";
import { Pretender } from "./pretender.ts";
import { save } from "./tls-stage.ts";

// A room whose servers have certificates of their own. Here they come one after the other: the room is
// in a file, and each server listens on another port.

const folder = await mkdtemp(join(tmpdir(), "fernet-chat-several-"));
afterAll(() => rm(folder, { recursive: true }));

let servers = 0;
/** A server that is to be: its certificate, its port, and its flags. */
async function server() {
	const identity = await selfSigned("chat.test");
	const place = join(folder, `${++servers}`);
	await mkdir(place);
	const [cert, key] = await save(place, identity);
	const port = quietPort();
	const flags = ["--port", String(port), "--tls-cert", cert, "--tls-key", key];
	return { identity, port, fingerprint: fingerprintOf(identity), flags };
}

/** A client shares no folder with the servers. */
const argsFor = (name: string, address: string): string[] => {
	const who = ["--name", name, "--email", addressOf(name)];
	return [address, "--keys", join(folder, `${name}-keys`), ...who];
};
const homeOf = (name: string): string => join(folder, `${name}-home`);
const secrets = { FERNET_CHAT_PASSWORD: PASSWORD };
const bot = (name: string, address: string): Bot =>
	Bot.local(argsFor(name, address), { XDG_CONFIG_HOME: homeOf(name), ...secrets });
const person = (name: string, address: string, env = {}): Screen =>
	new Screen("client.ts", argsFor(name, address), {
		env: { XDG_CONFIG_HOME: homeOf(name), ...env },
		...{ cols: 240, rows: 60, isLocal: true },
	});
const knownTo = async (name: string): Promise<unknown> =>
	JSON.parse(await readFile(join(homeOf(name), "fernet-chat", "servers.json"), "utf8"));

test("members move to a server with another certificate that they were given, and nobody cries wolf", async () => {
	const [one, two, three] = await Promise.all([server(), server(), server()]);
	await using kept = await KeptRoom.open({ isLocal: true }, ...one.flags);
	const list = [one, two]
		.map(({ port, fingerprint }) => `127.0.0.1:${port}#${fingerprint}`)
		.join(" , ");
	await using ann = person("ann", list, secrets);
	await ann.waitForText("You are ann");
	await using bob = bot("bob", list);
	await bob.waitFor({ type: "welcome", server: `127.0.0.1:${one.port}` });
	await kept.stop("SIGTERM");
	await bob.waitFor({ type: "offline", code: "moving" });
	bob.say("on the way");
	await kept.start(...two.flags);
	const place = `127.0.0.1:${two.port}`;
	await bob.waitFor({ type: "online", lost: 0, server: place });
	await bob.waitFor({ type: "said", text: "on the way" });
	await ann.waitForText(`Connected again, at ${place}. You missed nothing.`);
	await ann.waitForText("bob: on the way");
	expect(ann.text).not.toContain("has changed");
	expect(kept.stage.logins).toHaveLength(2);
	expect(await knownTo("bob")).toEqual({
		[`127.0.0.1:${one.port}`]: one.fingerprint,
		[place]: two.fingerprint,
	});

	// A third certificate, which nobody gave: in the place of the second, or where the first was.
	await kept.stop("SIGTERM");
	await kept.start(...three.flags, "--port", String(one.port));
	expect(await bob.exit()).toBe(3);
	expect(bob.lines.at(-1)).toMatchObject({ type: "closed", reason: "wrong_fingerprint" });
	expect(bob.lines.at(-1)?.text).toContain(three.fingerprint);
	await ann.waitForText(`The server at 127.0.0.1:${one.port} has a different fingerprint.`);
	expect(await ann.exit()).toBe(3);
	expect(kept.stage.logins).toHaveLength(2);
});

test("a person is asked about every server that nobody vouches for, at the first visit and not again", async () => {
	const [one, two] = await Promise.all([server(), server()]);
	await using kept = await KeptRoom.open({ isLocal: true }, "--host", "0.0.0.0", ...one.flags);
	const pretender = await Pretender.open({ identity: two.identity });
	const [first, second] = [`0.0.0.0:${one.port}`, `0.0.0.0:${pretender.port}`];
	const nowhere = "0.0.0.0:1";
	await using ann = person("cat", [nowhere, first, second].join());
	const asked = "Is this the fingerprint that you were given?";
	await ann.waitForText(asked);
	expect(ann.text).toContain(one.fingerprint);
	expect(ann.text).not.toContain(two.fingerprint);
	ann.type("y");
	await ann.waitForText(two.fingerprint);
	await ann.waitForText(new RegExp(`◆ {2}${asked.replace("?", "\\?")}`));
	ann.type("y");
	await ann.waitForText(`fernet-chat at ${first}`);
	expect(await knownTo("cat")).toEqual({ [first]: one.fingerprint, [second]: two.fingerprint });
	await ann.waitForText("Password");
	ann.type(`${PASSWORD}\r`);
	await ann.waitForText("You are cat");
	const { port } = pretender;
	await pretender[Symbol.asyncDispose]();
	await kept.stop("SIGTERM");
	await kept.start("--host", "0.0.0.0", ...two.flags, "--port", String(port));
	await ann.waitForText(`Connected again, at ${second}.`);
	expect(pretender.heard.length).toBe(0);
});

test("a server that is not known is passed over in the middle of a visit; one that has changed is not", async () => {
	const [one, two, three] = await Promise.all([server(), server(), server()]);
	await using kept = await KeptRoom.open({ isLocal: true }, "--host", "0.0.0.0", ...one.flags);
	await using pretender = await Pretender.open({ identity: two.identity });
	const first = `0.0.0.0:${one.port}`;
	const unknown = `0.0.0.0:${pretender.port}`;
	await using dan = bot("dan", `${unknown},${first}#${one.fingerprint}`);
	await dan.waitFor({ type: "welcome", server: first });
	await kept.stop("SIGTERM");
	await dan.waitFor({ type: "offline" });
	await kept.start("--host", "0.0.0.0", ...one.flags);
	await dan.waitFor({ type: "online", server: first });
	dan.endInput();
	expect(await dan.exit()).toBe(0);

	// It goes by what it remembers now.
	await using again = bot("dan", `${first},${unknown}`);
	await again.waitFor({ type: "welcome", server: first });
	await kept.stop("SIGTERM");
	await kept.start("--host", "0.0.0.0", ...three.flags, "--port", String(one.port));
	expect(await again.exit()).toBe(3);
	expect(again.lines.at(-1)).toMatchObject({ type: "closed", reason: "server_changed" });
	await pretender.waitUntilLeft();
	expect(pretender.heard.length).toBe(0);
});
