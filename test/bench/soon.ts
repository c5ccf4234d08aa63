import { PATIENCE } from "../support/eventually.ts";

/** Like `eventually`, but looks every millisecond, for measurements. */
export async function soon(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
	const deadline = performance.now() + PATIENCE;
	while (!(await look())) {
		if (performance.now() > deadline) throw new Error(`never came: ${what}`);
		await Bun.sleep(1);
	}
}
