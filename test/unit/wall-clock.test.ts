import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { ROOT } from "../support/root.ts";

/** The files that may read the wall clock, and what for. All else measures durations. */
const READERS = {
	"lib/util/clock.ts": "hands it to all others",
	"lib/wire/crypto/fernet.ts": "the time in a token",
	"lib/wire/crypto/fernet-browser.ts": "the same",
	"lib/page/members/roster-view.ts": "since when members are away",
	"lib/page/transcript/unread.ts": "since when lines are new",
	"lib/server/tls/certificate.ts": "the end of a certificate",
	"lib/server/keys/key-sweeper.ts": "the age of key files",
};

test("nothing but what is shown, sent or written into a file is told by the wall clock", () => {
	const files = ["server.ts", "client.ts", ...new Glob("lib/**/*.ts").scanSync(ROOT)];
	const reads = (file: string) =>
		/\bDate\.now\b|\bnew Date\(\)|\btimeOrigin\b/.test(readFileSync(join(ROOT, file), "utf8"));
	expect(files.filter(reads).sort()).toEqual(Object.keys(READERS).sort());
});
