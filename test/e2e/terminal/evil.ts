import { expect } from "bun:test";
import type { Screen } from "../../support/terminal.ts";

/** What a liar puts into a text. */
export const EVIL = "\x1b]52;c;eA==\x07\x9b31m\u202e\u200bevil\r\n";
/** What people see of it. */
export const SEEN = "^[]52;c;eA==^G<9b>31mevil^M";

/** Checks that no control character of EVIL has reached the terminal. */
export function expectHarmless({ written }: Pick<Screen, "written">): void {
	for (const raw of ["\x1b]", "\x07", "\x9b", "\u202e", "\u200b"])
		expect(written).not.toContain(raw);
}
