import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/root.ts";

/** Pages whose sentences serve as what people write. */
const PAGES = [
	"README.md",
	"SECURITY.md",
	"lib/README.md",
	"lib/server/README.md",
	"lib/client/README.md",
	"lib/wire/README.md",
];

/** Sentences of English prose: our pages without code, tables and marks. */
export const SENTENCES: readonly string[] = PAGES.flatMap((page) =>
	readFileSync(join(ROOT, page), "utf8")
		.replaceAll(/```[\s\S]*?```|^\|.*\|$|^#.*$/gm, "")
		.replaceAll(/\]\([^)]*\)|[`*[\]]/g, "")
		.replaceAll(/\s+/g, " ")
		.split(/(?<=[.:;?!]) /)
		.filter((sentence) => sentence.length > 20),
);
