/** A number and the noun it counts: "1 message", "2 messages". */
export const count = (number: number, noun: string): string =>
	`${number} ${noun}${number === 1 ? "" : "s"}`;
