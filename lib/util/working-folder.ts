/** The path of the working folder; null if it has been deleted. */
export function workingFolder(): string | null {
	try {
		return process.cwd();
	} catch {
		return null;
	}
}
