import { describe, expect, test } from "bun:test";
import { chmodSync, chownSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomId } from "../../../../lib/util/random-id.ts";
import { KeyFolder } from "../../../../lib/wire/keys/key-folder.ts";
import {
	id,
	isRoot,
	modeOf,
	OTHER,
	place,
	put,
	refusal,
	useKeyFolder,
} from "./key-folder-setup.ts";

// The users who may read the folder.

useKeyFolder();

describe("the folder", () => {
	test("open to others but ours alone, it is closed to them", () => {
		const ours = [
			"README.md",
			".gitignore",
			`${id}.key`,
			`${randomId()}.key.${randomId()}`,
			"server.lock",
		];
		for (const name of ours) put(name);
		for (const mode of [0o755, 0o770, 0o701]) {
			chmodSync(place, mode);
			new KeyFolder(place);
			expect(modeOf(place)).toBe(0o700);
		}
		expect(readdirSync(place).sort()).toEqual(ours.sort());
	});

	test.each(["notes.txt", ".ssh", "server.py", `x${"a".repeat(32)}.key`, "a.key"])(
		"open to others and with %s in it, it is refused and left as it is",
		(name) => {
			put(name, { content: "foreign", mode: 0o644 });
			chmodSync(place, 0o755);
			const error = refusal(() => new KeyFolder(place));
			expect(error.code).toBe("keys_unusable");
			expect(error.message).toEndWith(`Run: chmod 700 ${place}`);
			expect(modeOf(place)).toBe(0o755);
			expect(readdirSync(place)).toEqual([name]);
			expect(modeOf(join(place, name))).toBe(0o644);
			chmodSync(place, 0o700);
			expect(new KeyFolder(place).path).toBe(place);
		},
	);

	test("a file in its place is said to be one", () => {
		const file = join(place, "file");
		writeFileSync(file, "untouched");
		const error = refusal(() => new KeyFolder(file));
		expect(error).toMatchObject({
			code: "keys_unusable",
			message: `Cannot keep keys in ${file}: it is not a folder.`,
		});
		expect(readFileSync(file, "latin1")).toBe("untouched");
	});

	test("a parent that it cannot be made in", () => {
		const file = join(place, "file");
		writeFileSync(file, "");
		const error = refusal(() => new KeyFolder(join(file, "keys")));
		expect(error.code).toBe("keys_unusable");
		expect(error.message).toContain(join(file, "keys"));

		if (isRoot) return;
		const below = join(place, "keys");
		chmodSync(place, 0o500);
		expect(refusal(() => new KeyFolder(below)).message).toContain(below);
		chmodSync(place, 0o700);
	});

	test("another user's", () => {
		if (isRoot) chownSync(place, OTHER, OTHER);
		const other = isRoot ? place : "/";
		const error = refusal(() => new KeyFolder(other));
		expect(error).toMatchObject({
			code: "keys_unusable",
			message: `Cannot keep keys in ${other}: it belongs to another user.`,
		});
	});
});
