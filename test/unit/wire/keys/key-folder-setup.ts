import { afterAll, beforeAll, beforeEach, expect } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomId } from "../../../../lib/util/random-id.ts";
import { generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { KeyFolder, KeyFolderError } from "../../../../lib/wire/keys/key-folder.ts";
import { ROOT } from "../../../support/root.ts";

// Root may do anything to any file: some cases need root to set them up, others cannot stop
// root. The flags below tell the two kinds of user apart, so that each checks what it can.
export const isRoot = process.getuid?.() === 0;
export const OTHER = isRoot ? 65_534 : 0;
export let place: string;
export let folder: KeyFolder;
export let id: string;
export const modeOf = (path: string): number => statSync(path).mode & 0o7777;

/** A file in the folder, last written `age` seconds ago. */
export function put(name: string, { content = generateKey(), age = 0, mode = 0o600 } = {}): void {
	writeFileSync(join(place, name), content);
	chmodSync(join(place, name), mode);
	const then = Date.now() / 1000 - age;
	utimesSync(join(place, name), then, then);
}

export function refusal(action: () => unknown): KeyFolderError {
	try {
		action();
	} catch (error) {
		if (error instanceof KeyFolderError) return error;
		throw error;
	}
	throw new Error("it was not refused");
}

/** The value of an expression, from a process of its own, in case it blocks, run by `within`. */
export function inProcess(expression: string, within: readonly string[] = []): string {
	const module = join(ROOT, "lib/wire/keys/key-folder.ts");
	const script = `import { KeyFolder } from ${JSON.stringify(module)};
		const folder = new KeyFolder(${JSON.stringify(place)});
		console.log(${expression});`;
	const command = [...within, process.execPath, "-e", script];
	const { stdout, stderr } = Bun.spawnSync(command, { timeout: 8000 });
	expect(stderr.toString()).toBe("");
	return stdout.toString().trimEnd();
}

/** Gives each test in a file its own folder. */
export function useKeyFolder(): void {
	let folders: string;
	beforeAll(() => {
		folders = mkdtempSync(join(tmpdir(), "fernet-chat-test-"));
	});
	afterAll(() => rmSync(folders, { recursive: true }));
	beforeEach(() => {
		place = join(mkdtempSync(join(folders, "x-")), "keys");
		folder = new KeyFolder(place);
		id = randomId();
	});
}
