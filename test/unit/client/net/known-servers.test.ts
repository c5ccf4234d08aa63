import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KnownServers } from "../../../../lib/client/net/known-servers.ts";
import { Untrusted } from "../../../../lib/client/net/link-errors.ts";
import { ConfigDir } from "../../../../lib/client/util/config-dir.ts";

// Several certificates at one address.

const home = mkdtempSync(join(tmpdir(), "fernet-chat-known-"));
afterAll(() => rmSync(home, { recursive: true }));
const config = new ConfigDir({ XDG_CONFIG_HOME: home });

const [A, B, C] = ["a".repeat(64), "b".repeat(64), "c".repeat(64)] as const;
const server = (...fingerprints: string[]) => ({ host: "chat.test", port: 5050, fingerprints });
const presented = (fingerprint: string) => ({
	...{ fingerprint, isAuthorized: false },
	fault: { code: undefined, validFrom: "", validTo: "", isSelfSigned: true },
});

/** What a program that has just been started says to a certificate; null if it takes it. */
function verdict(
	fingerprint: string,
	...given: string[]
): { code: string; message: string } | null {
	try {
		new KnownServers(config).verify(server(...given), presented(fingerprint));
		return null;
	} catch (error) {
		if (error instanceof Untrusted) return error;
		throw error;
	}
}

test("each that was given is good, then and later, and no other", () => {
	expect(verdict(B, A, B)).toBeNull();
	for (const known of [A, B]) expect(verdict(known)).toBeNull();
	expect(verdict(C, A, B)).toMatchObject({ code: "wrong_fingerprint" });
	const changed = verdict(C);
	expect(changed).toMatchObject({ code: "server_changed" });
	expect(changed?.message).toContain(`has changed from ${A} or ${B} to ${C}.`);
	// The others are as good as before.
	expect(changed?.message).toEndWith(`bun client.ts 'chat.test:5050#${A}#${B}#${C}'`);
});

test("what is given anew replaces what was remembered", () => {
	verdict(A, A, B);
	expect(verdict(C, C)).toBeNull();
	for (const old of [A, B]) {
		expect(verdict(old)?.message).toEndWith(`bun client.ts 'chat.test:5050#${old}'`);
	}
});

test.each([[[]], [[A, 7, null]], [{}], [[["x"]]], ["A"]])(
	"a file that holds %j vouches for nothing else",
	(value) => {
		config.write("servers.json", { "chat.test:5050": value });
		expect(verdict(B)).toMatchObject({
			code: Bun.deepEquals(value, [A, 7, null]) ? "server_changed" : "server_unknown",
		});
	},
);
