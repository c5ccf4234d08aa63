import { expect, test } from "bun:test";
import { fitOpenFiles, maxOpenFiles } from "../../../../lib/server/limits/open-files.ts";
import { DEFAULTS } from "../../../support/defaults.ts";

const fit = (max: number, changed = {}, hasPage = false) => {
	const warnings: string[] = [];
	const limits = { ...DEFAULTS, ...changed };
	const { limits: fitted, fullCode } = fitOpenFiles(limits, max, hasPage, (text) =>
		warnings.push(text),
	);
	const { maxMembers, maxStrangers } = fitted;
	return { maxMembers, maxStrangers, fullCode, warnings };
};

test("the limit of this process is known", () => {
	expect(maxOpenFiles()).toBeGreaterThan(64);
});

test.each([
	["defaults", {}, 48 + 16 + 1000 + 512],
	["one member", { maxMembers: 1, maxStrangers: 4 }, 48 + 16 + 9],
	["many checks", { gmailChecks: 1000 }, 48 + 2000 + 1000 + 512],
	["any number", { maxMembers: 10_000 }, Number.POSITIVE_INFINITY],
])("where all of it fits, as many as the operator allows: %s", (_, changed, max) => {
	const { maxMembers, maxStrangers, ...rest } = fit(max, changed);
	expect([maxMembers, maxStrangers]).toEqual([
		{ ...DEFAULTS, ...changed }.maxMembers,
		{ ...DEFAULTS, ...changed }.maxStrangers,
	]);
	expect(rest).toEqual({ fullCode: "room_full", warnings: [] });
});

test.each([
	[1575, {}, 999, 256],
	[1024, {}, 480, 240],
	[256, {}, 96, 48],
	[72, {}, 4, 2],
	[256, { maxMembers: 20 }, 20, 48],
])("with %i files and %p: no more connections than files", (max, changed, members, strangers) => {
	const { maxMembers, maxStrangers, fullCode, warnings } = fit(max, changed);
	const wanted = { ...DEFAULTS, ...changed };
	expect([maxMembers, maxStrangers]).toEqual([Math.min(members, wanted.maxMembers), strangers]);
	expect(maxMembers + 2 * maxStrangers + 48 + 16).toBeLessThanOrEqual(max);
	expect(fullCode).toBe(maxMembers < wanted.maxMembers ? "busy" : "room_full");
	expect(warnings).toEqual([expect.stringContaining(`only ${max} files`)]);
});

test.each([
	[2087, {}, 1000, 252],
	[1024, {}, 480, 120],
	[72, {}, 4, 1],
	[256, { maxMembers: 20 }, 20, 24],
])("with a page, %i files and %p: nor more browsers", (max, changed, members, strangers) => {
	const { maxMembers, maxStrangers } = fit(max, changed, true);
	expect([maxMembers, maxStrangers]).toEqual([members, strangers]);
	expect(maxMembers + 4 * maxStrangers + 48 + 16).toBeLessThanOrEqual(max);
});

test.each([0, 64, 71])("with %i files there is no room for anybody", (max) => {
	expect(() => fit(max)).toThrow(`only ${max} files, too few for a room. Raise it to 1576`);
});
