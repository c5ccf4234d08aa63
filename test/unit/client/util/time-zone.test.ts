import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../../support/root.ts";

// What the runtime shows under each TZ, compared with what the system shows.

const MODULE = join(ROOT, "lib/client/util/time-zone.ts");
/** In winter, in Ramadan and in summer, in seconds since 1970. */
const MOMENTS = [1_767_225_600, 1_772_366_400, 1_782_900_000];

let folder = "";
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "fernet-chat-zone-"));
	copyFileSync("/usr/share/zoneinfo/Asia/Kathmandu", join(folder, "copy"));
	symlinkSync("/usr/share/zoneinfo/Africa/Casablanca", join(folder, "link"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const date = (zone: string): string[] =>
	MOMENTS.map((moment) => {
		const env = { TZ: zone };
		return Bun.spawnSync(["date", "-d", `@${moment}`, "+%H:%M"], { env })
			.stdout.toString()
			.trim();
	});

/** Times and the sentence, if there is one, from a process that starts with this TZ. */
function shown(zone: string): { times: string[]; sentence: string | null } {
	const script = `import { adoptTimeZone } from ${JSON.stringify(MODULE)};
		const sentence = adoptTimeZone(process.env);
		const times = ${JSON.stringify(MOMENTS)}.map((it) => new Date(it * 1000).toTimeString().slice(0, 5));
		console.log(JSON.stringify({ times, sentence }));`;
	const { stdout } = Bun.spawnSync([process.execPath, "-e", script], { env: { TZ: zone } });
	return JSON.parse(stdout.toString());
}

test.each([
	"Europe/Berlin",
	":Europe/Berlin",
	":/usr/share/zoneinfo/Europe/Berlin",
	"/usr/share/zoneinfo/America/St_Johns",
	":/usr/share/zoneinfo/posix/Asia/Tokyo",
	":/etc/localtime",
	"FOLDER/copy",
	":FOLDER/link",
	"EST5EDT",
	"UTC+3",
	"JST-9",
	"<+0545>-5:45",
	"CET-1CEST,M3.5.0,M10.5.0/3",
	"AEST-10AEDT,M10.1.0,M4.1.0/3",
	"CET-1CEST,M3.5.0/2,M10.5.0/3",
	"EST5EDT,M3.2.0/2,M11.1.0/02:00:00",
	"EST+05:00EDT4,M03.2.0,M11.01.0",
	"PST8PDT,M3.2.0,M11.1.0/2",
	"MST7MDT",
	"Ost5West",
	"NST3:30NDT2:30",
	"ABC-5:45",
	"UTC-13:00",
	"<XY>-0",
	"<+01>-1",
	"",
])("TZ=%s shows the system's times", (given) => {
	const zone = given.replace("FOLDER", folder);
	expect(shown(zone)).toEqual({ times: date(zone), sentence: null });
});

test.each([
	"Nonsense",
	":/nowhere",
	"+05:30",
	"/dev/zero",
	"CET-1CEST",
	"AEST-10AEDT",
	"UTC+14",
	"ABC-4:75",
	"\u001b[31m",
	"/",
	":",
])("TZ=%j shows UTC, and a sentence says so", (zone) => {
	const { times, sentence } = shown(zone);
	expect(times).toEqual(date("UTC"));
	expect(sentence).toContain(`The variable TZ is ${JSON.stringify(zone)}, which is no time zone`);
});
