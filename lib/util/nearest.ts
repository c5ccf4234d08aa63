/** The one of `names` that `typed` was probably meant to be: it differs in `maxErrors` letters at most. */
export function nearest(
	typed: string,
	names: readonly string[],
	maxErrors = 2,
): string | undefined {
	const levenshtein = load();
	if (levenshtein === null) return undefined;
	const name = levenshtein.closest(typed, names);
	return levenshtein.distance(typed, name) <= maxErrors ? name : undefined;
}

/** Not imported, because callers cannot wait, and most runs do not need it. */
function load(): typeof import("fastest-levenshtein") | null {
	try {
		return require("fastest-levenshtein");
	} catch {
		// The packages are missing. What was mistyped is said all the same.
		return null;
	}
}
