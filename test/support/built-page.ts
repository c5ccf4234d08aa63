import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PageSource } from "../../lib/web/page-source.ts";

// Bundling the page takes longer than all else that a server does when it starts: so a run of all
// files bundles it once, into a folder, and hands that to them in the environment. The servers in
// their processes get it as one that is in an executable does.

const HANDED = "TEST_PAGE";

/** The page for a server in this process. */
export async function loadPage(): Promise<PageSource> {
	const handed = process.env[HANDED];
	return handed === undefined ? loadSource() : JSON.parse(handed);
}

const loadSource = async (): Promise<PageSource> =>
	(await import("../../lib/page/bundle.ts")).default;

/** Bundles the page into a folder; returns the environment that hands it to all files of a run. */
export async function handOverPage(folder: string): Promise<Record<string, string>> {
	const { readPage } = await import("../../lib/web/page-files.ts");
	await mkdir(folder);
	const files = await Promise.all(
		(await readPage(await loadSource())).map(async ({ name, type, bytes }) => {
			const path = join(folder, name);
			await writeFile(path, bytes);
			return { path, headers: { "content-type": type } };
		}),
	);
	return { [HANDED]: JSON.stringify({ index: join(folder, "index.html"), files }) };
}
