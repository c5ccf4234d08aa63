import { cpSync, renameSync, rmSync } from "node:fs";

/** Closes a log, but leaves its folder as if its server had been killed: nothing is tidied up. */
export function killLog(folder: string, log: { close(): void }): void {
	const copy = `${folder}.killed`;
	cpSync(folder, copy, { recursive: true });
	log.close();
	rmSync(folder, { recursive: true });
	renameSync(copy, folder);
}
