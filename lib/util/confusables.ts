/** A key that is the same for all names that the eye confuses. */
export function confusableKey(name: string): string {
	return name
		.toLowerCase()
		.replaceAll(/[i1]/g, "l")
		.replaceAll("0", "o")
		.replaceAll("5", "s")
		.replaceAll("m", "rn")
		.replaceAll("w", "vv")
		.replaceAll(/[_.]/g, "-");
}
