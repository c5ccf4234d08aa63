import { plugin } from "bun";

// Preloaded by bunfig.toml. Most tests start programs: what takes a second here may take ten
// on a busy machine. Bun has only a flag for all files, which plain `bun test` does not get,
// and setDefaultTimeout holds for one file: so this plugin starts each test file with a call.

/** Milliseconds that a test may take. */
const TIME_OUT = 60_000;

const SET = `import { setDefaultTimeout } from "bun:test"; setDefaultTimeout(${TIME_OUT});`;

plugin({
	name: "time-out",
	setup(build) {
		build.onLoad({ filter: /\.test\.ts$/ }, async ({ path }) => ({
			// On the file's first line, so that the line numbers of failures stay right.
			contents: `${SET} ${await Bun.file(path).text()}`,
			loader: "ts",
		}));
	},
});
