import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";

// Preloaded into a program: writes the paths of all modules that it has loaded, when it exits.

process.on("exit", () => {
	const loaded = Object.keys(createRequire(import.meta.url).cache);
	writeFileSync(process.env.LOADED_MODULES ?? "", loaded.join("\n"));
});
