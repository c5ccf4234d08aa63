import { plugin } from "bun";

// Preloaded by bunfig.toml. Programs start and talk in most tests: what is a second here may be ten
// on a busy machine. Bun has no setting for it but a flag that plain `bun test` is not given, and
// setDefaultTimeout holds for one file: so each file begins with it.

/** Milliseconds that a test may take. */
const TIME_OUT = 60_000;

const SET = `import { setDefaultTimeout } from "bun:test"; setDefaultTimeout(${TIME_OUT});`;

plugin({
	name: "time-out",
	setup(build) {
		build.onLoad({ filter: /\.test\.ts$/ }, async ({ path }) => ({
			// On the first line, so that a failure's line is the file's.
			contents: `${SET} ${await Bun.file(path).text()}`,
			loader: "ts",
		}));
	},
});
