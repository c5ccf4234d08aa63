/** A page to bundle: the path of its HTML file. */
interface HtmlFile {
	readonly index: string;
	readonly files?: undefined;
}

/** A page that was bundled into an executable: paths within it. */
interface BundledPage {
	readonly index: string;
	readonly files: readonly {
		readonly path: string;
		readonly headers: { readonly "content-type"?: string };
	}[];
}

/** The page that the entry script hands in: what the runtime makes of an import of HTML. */
export type PageSource = HtmlFile | BundledPage;
