import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import { ROOT } from "../support/root.ts";
import { IN_BROWSER } from "../support/suite.ts";

const files = [...new Glob("test/**/*.ts").scanSync(ROOT)].sort();

const importsOf = (file: string): string[] =>
	Array.from(
		readFileSync(join(ROOT, file), "utf8").matchAll(/\bfrom "(\.[^"]*\.ts)"/g),
		([, path = ""]) => join(dirname(file), path),
	);

test("the step in a browser has all tests that take one, and no other", () => {
	const imports = files.map((file) => ({ file, imported: importsOf(file) }));
	const users = new Set(["test/support/browser.ts"]);
	// Those that are added meanwhile are looked at, too.
	for (const user of users) {
		for (const { file, imported } of imports) if (imported.includes(user)) users.add(file);
	}
	const tests = files.filter((file) => file.endsWith(".test.ts"));
	const inStep = tests.filter((file) => IN_BROWSER.some((path) => file.startsWith(path)));
	expect(inStep).toEqual(tests.filter((file) => users.has(file)));
	expect(inStep.length).toBeGreaterThan(15);
});
