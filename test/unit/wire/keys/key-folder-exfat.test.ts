import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BanFile } from "../../../../lib/server/accounts/ban-file.ts";
import { assertPrivate } from "../../../../lib/server/storage/state-dir.ts";
import { randomId } from "../../../../lib/util/random-id.ts";
import { generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { KeyFolder } from "../../../../lib/wire/keys/key-folder.ts";
import { ExfatDisk } from "../../../support/exfat.ts";
import { refusal } from "./key-folder-setup.ts";

// Folders on exFAT: `chmod` succeeds there and changes nothing, and there are no hard links.

const masks = (...all: string[]): string[] => (ExfatDisk.canBeMounted ? all : []);

describe("where other users can read", () => {
	test.each(masks("umask=0", "umask=027", "dmask=077,fmask=0", "dmask=0,fmask=077"))(
		"files or folders (%s), nothing secret is kept, and the sentence tells the way out",
		(mask) => {
			using disk = new ExfatDisk(mask);
			const state = join(disk.path, "state");
			mkdirSync(state);
			const { code, message } = refusal(() => new KeyFolder(join(disk.path, "keys")));
			expect(code).toBe("keys_unusable");
			expect(message).toMatch(/ does not keep file modes.* elsewhere with --keys, for the server/);
			expect(() => assertPrivate(state)).toThrow(/elsewhere with --state|chmod 700/);
			for (const folder of [state, join(disk.path, "new")]) {
				const bans = () => new BanFile(join(folder, "banned"));
				expect(() => bans().replace(new Set(["eve@gmail.com"]))).toThrow(/elsewhere with --state/);
				expect(readdirSync(folder)).toEqual([]);
			}
			expect(readdirSync(disk.path).sort()).toEqual(["keys", "new", "state"]);
		},
	);
});

describe("where all is private", () => {
	test.each(masks("umask=077", "umask=0177,dmask=077"))("(%s), keys are kept", (mask) => {
		using disk = new ExfatDisk(mask);
		writeFileSync(join(disk.path, "notes.txt"), "not ours");
		const folder = new KeyFolder(disk.path);
		folder.claim();
		const [id, key] = [randomId(), generateKey()];
		folder.save(id, key);
		expect(folder.read(id)).toBe(key);
		expect(refusal(() => folder.save(id, generateKey())).cause).toMatchObject({ code: "EEXIST" });
		expect(folder.read(id)).toBe(key);
		expect(refusal(() => new KeyFolder(disk.path).claim()).code).toBe("keys_in_use");
		folder.remove(id);
		folder.release();
		expect(readdirSync(disk.path).sort()).toEqual(["notes.txt", "server.lock"]);

		const state = join(disk.path, "state");
		new BanFile(join(state, "banned")).replace(new Set(["eve@gmail.com"]));
		assertPrivate(state);
		expect([...new BanFile(join(state, "banned")).accounts]).toEqual(["eve@gmail.com"]);
		rmSync(state, { recursive: true });
	});
});
