import { expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogEntry } from "../../../../lib/server/log/logger.ts";
import { Certificate } from "../../../../lib/server/tls/certificate.ts";
import { validityWarning } from "../../../../lib/server/tls/validity.ts";
import { Authority, days } from "../../../support/certificates.ts";

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

test.each([
	["will end", -80, "ends on "],
	["has ended", -100, "ended on "],
	["is not valid yet", 9, "is not valid before "],
])("one that %s is spoken of once a day, however often it is looked at", async (_, start, what) => {
	const folder = mkdtempSync(join(tmpdir(), "fernet-chat-validity-"));
	try {
		const { cert, key } = await authority.vouch("chat.test", days(start) - HOUR, 90);
		const file = join(folder, "both.pem");
		writeFileSync(file, `${cert}\n${key}`, { mode: 0o600 });
		const warnings: LogEntry[] = [];
		const certificate = new Certificate({ cert: file, key: file }, (entry) => warnings.push(entry));
		for (let i = 0; i < 5; i++) certificate.checkValidity();
		const text = expect.stringContaining(`The certificate ${file} ${what}`);
		expect(warnings).toEqual([{ event: "warning", text }]);
	} finally {
		rmSync(folder, { recursive: true });
	}
});
