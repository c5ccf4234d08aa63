import type { JsonStore } from "../util/json-store.ts";
import { KEPT_FILES, type KeptFile, type WindowSetting } from "./window-messages.ts";

/** Every file that a page may know, as it is now. */
export const readKept = (store: JsonStore): WindowSetting["files"] =>
	Object.fromEntries(KEPT_FILES.map((file) => [file, store.read(file)]));

/** Changes a file as the page did with the one that it has seen: another client may have written since. */
export function changeKept(
	store: JsonStore,
	file: KeptFile,
	changes: Record<string, unknown>,
): void {
	const changed = Object.entries({ ...store.read(file), ...changes });
	store.write(file, Object.fromEntries(changed.filter(([, value]) => value !== null)));
}
