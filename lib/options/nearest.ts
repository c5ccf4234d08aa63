/** The one of `names` that `typed` was probably meant to be: it differs in `maxErrors` letters at most. */
export function nearest(
	typed: string,
	names: readonly string[],
	maxErrors = 2,
): string | undefined {
	// Required and not imported: options are parsed synchronously, and most starts do not need it.
	const {
		closest,
		distance,
	}: typeof import("fastest-levenshtein") = require("fastest-levenshtein");
	const name = closest(typed, names);
	return distance(typed, name) <= maxErrors ? name : undefined;
}
