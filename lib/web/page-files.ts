import { basename } from "node:path";
import { errorMessage } from "../util/errors.ts";
import { ReasonedError, reason } from "../wire/errors/reason.ts";
import type { PageSource } from "./page-source.ts";

export interface PageFile {
	/** As the page names it; the page itself is `index.html`. */
	readonly name: string;
	readonly type: string;
	readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * The page and what it loads. Every name but the page's own has a hash of the content in it. Throws
 * ReasonedError `page_unusable`.
 */
export async function readPage(source: PageSource): Promise<PageFile[]> {
	return source.files ? await readBundled(source.index, source.files) : await bundle(source.index);
}

const PAGE = "index.html";

const readBundled = (index: string, files: NonNullable<PageSource["files"]>): Promise<PageFile[]> =>
	Promise.all(
		files.map(async ({ path, headers }) => ({
			name: path === index ? PAGE : basename(path),
			type: headers["content-type"] ?? "application/octet-stream",
			bytes: await Bun.file(path).bytes(),
		})),
	);

async function bundle(index: string): Promise<PageFile[]> {
	// First without the plugin, which would not choose a package's files for browsers.
	const outputs = await build(index)
		.catch(() => build(index, [fetchPackages]))
		.catch(unusable);
	return Promise.all(
		outputs.map(async (output) => ({
			name: output.path.endsWith(".html") ? PAGE : basename(output.path),
			type: output.type,
			bytes: new Uint8Array(await output.arrayBuffer()),
		})),
	);
}

async function build(index: string, plugins: Bun.BunPlugin[] = []): Promise<Bun.BuildArtifact[]> {
	const hashed = "[name]-[hash].[ext]";
	const { outputs } = await Bun.build({
		entrypoints: [index],
		target: "browser",
		minify: true,
		naming: { entry: hashed, chunk: hashed, asset: hashed },
		plugins,
	});
	return outputs;
}

/** The bundler finds installed packages only; the runtime fetches them, as it does for the programs. */
const fetchPackages: Bun.BunPlugin = {
	name: "fetch-packages",
	setup(builder) {
		builder.onResolve({ filter: /^[^./#]/ }, ({ path, importer }) =>
			importer === "" ? undefined : { path: Bun.resolveSync(path, importer) },
		);
	},
};

function unusable(cause: unknown): never {
	const errors: readonly unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
	const faults = errors.map((error) => errorMessage(error).replace(/^ResolveMessage: /, ""));
	const why = [...new Set(faults)].join("; ").replaceAll(/\s+/g, " ");
	const sentence = `Cannot put the page for browsers together: ${why}. If packages are missing, run: bun install`;
	throw new ReasonedError(reason("page_unusable", sentence), { cause });
}
