import { expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogEntry } from "../../../../lib/server/log/logger.ts";
import { Certificate } from "../../../../lib/server/tls/certificate.ts";
import { validityWarning } from "../../../../lib/server/tls/validity.ts";
import { Authority, days, type Identity } from "../../../support/certificates.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 1);

const authority = await Authority.open();

/** What is said about a certificate that lives so many days, this long after its start. */
async function saidOf(lifetime: number, after: number): Promise<string | null> {
	const { cert } = await authority.vouch("chat.test", START, lifetime);
	return validityWarning(new X509Certificate(cert), START + after);
}

test.each([
	["of a quarter of a year", 90, 14 * DAY],
	["of thirty years", 10_950, 14 * DAY],
	["of six days", 6, 36 * HOUR],
	["of a day", 1, 6 * HOUR],
])("a certificate %s is spoken of in good time, and not before", async (_, lifetime, notice) => {
	const left = lifetime * DAY - notice;
	expect(await saidOf(lifetime, 0)).toBeNull();
	expect(await saidOf(lifetime, left - 1)).toBeNull();
	expect(await saidOf(lifetime, left)).toStartWith("ends on ");
	expect(await saidOf(lifetime, lifetime * DAY - 1)).toContain("in less than a day");
	expect(await saidOf(lifetime, lifetime * DAY)).toContain("less than a day ago");
	expect(await saidOf(lifetime, (lifetime + 2) * DAY)).toContain("2 days ago");
	expect(await saidOf(lifetime, -1)).toStartWith("is not valid before 2026-11-01");
});

/** What the log says of a certificate file with its key, however often it is looked at. */
function warningsOf(identity: Identity): { file: string; warnings: string[] } {
	const folder = mkdtempSync(join(tmpdir(), "fernet-chat-validity-"));
	try {
		const file = join(folder, "both.pem");
		writeFileSync(file, `${identity.cert}\n${identity.key}`, { mode: 0o600 });
		const entries: LogEntry[] = [];
		const certificate = new Certificate({ cert: file, key: file }, (entry) => entries.push(entry));
		for (let i = 0; i < 5; i++) certificate.checkValidity();
		expect(entries.every(({ event }) => event === "warning")).toBe(true);
		return { file, warnings: entries.map((entry) => String(Object(entry).text)) };
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** Beginnings and ends of lives of 90 days, and what is said of them. */
const LIVES: [what: string, start: number, said: string][] = [
	["will end", -80, "ends on "],
	["has ended", -100, "ended on "],
	["is not valid yet", 9, "is not valid before "],
];

test.each(LIVES)(
	"one that %s is spoken of once a day, however often it is looked at",
	async (_, start, said) => {
		const { file, warnings } = warningsOf(
			await authority.vouch("chat.test", days(start) - HOUR, 90),
		);
		expect(warnings).toEqual([expect.stringContaining(`The certificate ${file} ${said}`)]);
	},
);

test.each(LIVES)("one of its chain that %s is spoken of by its name", async (_, start, said) => {
	const issuer = await authority.delegate("issuer.test", days(start) - HOUR, 90);
	const between = await issuer.delegate("between.test", days(-1), 90);
	const { file, warnings } = warningsOf(await between.vouch("chat.test", days(-1), 90));
	const name = `of "CN=issuer.test" in ${file}`;
	expect(warnings).toEqual([expect.stringContaining(`The certificate ${name} ${said}`)]);
});

test("of several that have ended, each is spoken of", async () => {
	const issuer = await authority.delegate("issuer.test", days(-9), 1);
	const between = await issuer.delegate("between.test", days(-9), 2);
	const { warnings } = warningsOf(await between.vouch("chat.test", days(-9), 3));
	expect(warnings.map((text) => /"CN=.*"| ended on/.exec(text)?.[0])).toEqual([
		" ended on",
		'"CN=between.test"',
		'"CN=issuer.test"',
	]);
});
