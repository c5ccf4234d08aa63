export const sleep = (milliseconds: number): Promise<null> =>
	new Promise((resolve) => setTimeout(resolve, milliseconds, null));
