/** The one of `names` that `typed` was probably meant to be: it differs in `maxErrors` letters at most. */
export function nearest(
	typed: string,
	names: readonly string[],
	maxErrors = 2,
): string | undefined {
	const levenshtein = load();
	if (levenshtein === null) return undefined;
	/** Two letters that changed places are one slip, though they count as two letters. */
	const errors = (name: string): number => {
		const letters = levenshtein.distance(typed, name);
		return letters === 2 && sorted(name) === sorted(typed) ? 1 : letters;
	};
	const candidates = names
		.map((name) => ({ name, errors: errors(name), same: sharedBeginning(typed, name) }))
		.filter((candidate) => candidate.errors <= maxErrors)
		// Slips at the beginning of a word are the rarest.
		.sort((a, b) => a.errors - b.errors || b.same - a.same);
	return candidates[0]?.name;
}

const sorted = (word: string): string => [...word].sort().join("");

/** How many characters two words have in common at their beginnings. */
function sharedBeginning(a: string, b: string): number {
	const different = [...a].findIndex((character, index) => character !== b[index]);
	return different < 0 ? a.length : different;
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
