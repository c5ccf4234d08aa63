import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SecureVersion } from "node:tls";
import { dial } from "../../../lib/client/net/dial.ts";
import { KnownServers } from "../../../lib/client/net/known-servers.ts";
import { ConfigDir } from "../../../lib/client/util/config-dir.ts";
import { fingerprintOf, selfSigned } from "../../support/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { Pretender } from "./pretender.ts";

// A client speaks TLS 1.3 and nothing older, even to a server whose fingerprint is right.

const identity = await selfSigned("chat.test");
let home: string;
beforeAll(async () => {
	home = await mkdtemp(join(tmpdir(), "fernet-chat-versions-"));
});
afterAll(() => rm(home, { recursive: true }));

const dialTo = ({ port }: Pretender) =>
	dial({
		endpoint: { host: "127.0.0.1", port, fingerprints: [fingerprintOf(identity)] },
		...{ ip: "127.0.0.1", keys: undefined, limit: 60_000 },
		knownServers: new KnownServers(new ConfigDir({ XDG_CONFIG_HOME: home })),
	});

const OLDER: SecureVersion[] = ["TLSv1", "TLSv1.1", "TLSv1.2"];
test.each(OLDER)("a server that speaks %s at most hears nothing", async (maxVersion) => {
	const means = { ...identity, minVersion: "TLSv1" as const, maxVersion };
	await using pretender = await Pretender.open({ identity: means });
	await expect(dialTo(pretender)).rejects.toMatchObject({
		code: "no_tls",
		message: expect.stringContaining("has no TLS 1.3"),
	});
	await pretender.waitUntilLeft();
	expect(pretender.heard).toHaveLength(0);
});

test("one that speaks TLS 1.3 as well is spoken to", async () => {
	const means = { ...identity, minVersion: "TLSv1" as const, maxVersion: "TLSv1.3" as const };
	await using pretender = await Pretender.open({ identity: means });
	const socket = await dialTo(pretender);
	socket.write("hello");
	await eventually("the hello", () => pretender.heard.toString() === "hello");
	socket.terminate();
});
