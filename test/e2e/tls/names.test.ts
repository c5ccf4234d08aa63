import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Authority, fingerprintOf, type Identity, selfSigned } from "../../support/certificates.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { Bot, Stage } from "../../support/programs.ts";
import { quietPort } from "../../support/quiet-port.ts";
import { KeptRoom } from "../reconnect/kept-room.ts";
import { save } from "./tls-stage.ts";

// One name for several servers, as a name server gives it.

/** Runs a command that finds other names in /etc/hosts than this process does. */
const WITH_HOSTS = ["unshare", "--mount", "sh", "-c"];
const MOUNT = 'mount --bind "$HOSTS" /etc/hosts && exec "$0" "$@"';

/** Whether this machine lets us do that: it takes Linux, and root. */
function canNameHosts(): boolean {
	try {
		const env = { ...process.env, HOSTS: "/etc/hosts" };
		return Bun.spawnSync([...WITH_HOSTS, MOUNT, "true"], { env }).success;
	} catch {
		return false;
	}
}

const folder = await mkdtemp(join(tmpdir(), "fernet-chat-names-"));
afterAll(() => rm(folder, { recursive: true }));

const HOSTS = {
	"room.test": ["127.0.0.2", "127.0.0.4", "127.0.0.5"],
	"other.test": ["127.0.0.4"],
};
const hosts = join(folder, "hosts");
const lines = Object.entries(HOSTS).flatMap(([name, ips]) => ips.map((ip) => `${ip} ${name}\n`));
await writeFile(hosts, lines.join(""));

/** The flags of a server at the address. */
async function flagsFor(host: string, port: number, identity: Identity): Promise<string[]> {
	const place = await mkdtemp(join(folder, "certificate-"));
	const [cert, key] = await save(place, identity);
	return ["--host", host, "--port", String(port), "--tls-cert", cert, "--tls-key", key];
}

function start(name: string, address: string, env: Record<string, string> = {}): Bot {
	const who = ["--name", name, "--email", addressOf(name)];
	return Bot.program(
		[address, "--keys", join(folder, "keys"), ...who],
		{ FERNET_CHAT_PASSWORD: PASSWORD, XDG_CONFIG_HOME: folder, HOSTS: hosts, ...env },
		[...WITH_HOSTS, MOUNT],
	);
}

test.concurrent.skipIf(!canNameHosts())(
	"every address of a name is tried, one after the other, and each server's certificate may be given",
	async () => {
		const port = quietPort();
		const [one, two] = [await selfSigned("room.test"), await selfSigned("room.test")];
		// It accepts connections, and says nothing.
		const frozen = createServer();
		await new Promise<void>((resolve) => frozen.listen(port, "127.0.0.2", resolve));
		await using kept = await KeptRoom.open(
			{ isLocal: true },
			...(await flagsFor("127.0.0.4", port, one)),
		);
		await using ann = start(
			"ann",
			[`room.test:${port}`, ...[one, two].map(fingerprintOf)].join("#"),
		);
		await ann.waitFor({ type: "welcome" });
		frozen.close();
		await kept.stop("SIGTERM");
		await kept.start(...(await flagsFor("127.0.0.5", port, two)));
		expect(await ann.waitFor({ type: "online" })).toEqual({ type: "online", lost: 0 });
		ann.say("here");
		await ann.waitFor({ type: "said", text: "here" });
	},
);

test.concurrent.skipIf(!canNameHosts())(
	"an authority vouches for the name that was given, whichever address it leads to",
	async () => {
		const port = quietPort();
		const authority = await Authority.open();
		const trusted = join(folder, "authority.pem");
		await writeFile(trusted, authority.identity.cert);
		const flags = await flagsFor("127.0.0.4", port, await authority.vouch("room.test"));
		await using _ = await Stage.local(...flags);
		const trust = { NODE_EXTRA_CA_CERTS: trusted };
		await using bob = start("bob", `room.test:${port}`, trust);
		await bob.waitFor({ type: "welcome" });
		await using cat = start("cat", `other.test:${port}`, trust);
		const closed = await cat.waitFor({ type: "closed", reason: "server_unknown" });
		expect(closed.text).toContain("Its certificate is for another name.");
	},
);
