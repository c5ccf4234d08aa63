import { expect, test } from "bun:test";
import { shownTime } from "../../../../lib/client/util/shown-time.ts";

const at = (text: string): number => new Date(text).getTime();

test("a time of today is short, and any other has its date", () => {
	const now = at("2026-03-14T23:59:59");
	expect(shownTime(at("2026-03-14T00:00:00"), now)).toBe("00:00");
	expect(shownTime(at("2026-03-14T09:05:59"), now)).toBe("09:05");
	expect(shownTime(at("2026-03-13T23:59:59"), now)).toMatch(/^23:59 on .*13.*2026/);
	expect(shownTime(at("2026-03-15T00:00:00"), now)).toMatch(/^00:00 on .*15.*2026/);
	expect(shownTime(at("2025-03-14T12:00:00"), now)).toMatch(/^12:00 on .*14.*2025/);
});
