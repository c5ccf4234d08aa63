import { resolve } from "node:path";

/** A file, named from this folder, as a script for a browser, which tests run without the server's page. */
export async function bundled(file: string): Promise<string> {
	const { outputs } = await Bun.build({
		entrypoints: [resolve(import.meta.dir, file)],
		...{ target: "browser", format: "iife", minify: true },
	});
	return (await outputs[0]?.text()) ?? "";
}
