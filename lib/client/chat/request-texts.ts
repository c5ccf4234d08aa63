/** What a request says to others. */
export function textsIn(request: object): string[] {
	const { text, title, reason }: Record<string, unknown> = { ...request };
	return [text, title, reason].filter((each) => typeof each === "string");
}
