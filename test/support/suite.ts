import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { handOverPage } from "./built-page.ts";
import { handOver } from "./mailbox-certificate.ts";

// All tests run in two steps: those that take a real browser cost as much as a third of the others.

/** The paths of the tests that take a browser. */
export const IN_BROWSER = [
	...["test/e2e/page/", "test/e2e/web/other-site.test.ts"],
	...["ending", "memory", "opening", "talk", "trust"].map(
		(name) => `test/e2e/window/${name}.test.ts`,
	),
];

/**
 * How many milliseconds each file takes: the longest start first, so that a run does not end with
 * waiting for one. Bun takes a file that is not listed for one of average length, so all are.
 * `bun test --parallel=3 --timings=FILE --update-timings` measures them.
 */
const TIMINGS = join(import.meta.dir, "..", "timings.json");

/** Runs test files, `count` at once; `which` are the arguments that choose them. Returns the exit code. */
async function runTests(count: number, ...which: string[]): Promise<number> {
	// In a global object of its own, each file would load our code and its packages again, and run
	// them slowly at first: an eighth of all that the tests cost.
	const how = [`--parallel=${count}`, "--no-isolate", `--timings=${TIMINGS}`];
	const command = [process.execPath, "test", ...how];
	const folder = await mkdtemp(join(tmpdir(), "fernet-chat-suite-"));
	try {
		const handed = { ...(await handOver()), ...(await handOverPage(join(folder, "page"))) };
		// Ctrl-C ends the tests, after which there is still the folder to remove.
		process.on("SIGINT", () => {});
		const { exited } = Bun.spawn([...command, ...which], {
			env: { ...process.env, ...handed },
			stdio: ["inherit", "inherit", "inherit"],
		});
		return await exited;
	} finally {
		await rm(folder, { recursive: true });
	}
}

/** The tests that take no browser. */
export async function testWithoutBrowser(): Promise<number> {
	const others = IN_BROWSER.map((path) => `--path-ignore-patterns=${path}**`);
	const code = await runTests(3, ...others);
	console.log("\nThe tests in a browser are a step of their own: bun run browser");
	return code;
}

/** The tests in a browser; with more at once, each browser keeps the others waiting for too long. */
export const testInBrowser = (): Promise<number> => runTests(2, ...IN_BROWSER);
