import { describe, expect, test } from "bun:test";
import type { Stats } from "node:fs";

// The users who can change a file, by its owner and mode, and how each of them judges that.

const FILE = "../../../lib/util/secure-file.ts";
type SecureFile = typeof import("../../../lib/util/secure-file.ts");

/** The module as a process of this user loads it; undefined on Windows, where there are no owners. */
async function loadedBy(uid: number | undefined): Promise<SecureFile> {
	const { getuid } = process;
	Object.assign(process, { getuid: uid === undefined ? undefined : () => uid });
	try {
		return await import(`${FILE}?${uid}`);
	} finally {
		Object.assign(process, { getuid });
	}
}

const file = (uid: number, mode = 0o100_600): Stats =>
	Object.assign(Object.create(null), { uid, mode });

describe("the owner of a file", () => {
	const cases: [self: number | undefined, trusted: number[], others: number[]][] = [
		[1000, [1000, 0], [1001, 65_534, 1]],
		[0, [0], [1000, 1]],
		[undefined, [0, 1000], []],
	];
	test.each(cases)("user %p trusts %j and nobody else", async (self, trusted, others) => {
		const { assertOwnerTrusted } = await loadedBy(self);
		for (const uid of trusted) expect(() => assertOwnerTrusted(file(uid))).not.toThrow();
		for (const uid of others) {
			expect(() => assertOwnerTrusted(file(uid))).toThrow(`run chown ${self} on it`);
		}
	});
});

describe("the mode of a file", () => {
	const found = (it: SecureFile, mode: number): boolean[] => [
		it.isAccessibleToOthers(file(0, mode)),
		it.isReadableByAll(file(0, mode)),
		it.isWritableByAll(file(0, mode)),
		it.isWritableByOthers(file(0, mode)),
	];

	test("says what others can do", async () => {
		const it = await loadedBy(1000);
		expect(found(it, 0o600)).toEqual([false, false, false, false]);
		expect(found(it, 0o640)).toEqual([true, false, false, false]);
		expect(found(it, 0o620)).toEqual([true, false, false, true]);
		expect(found(it, 0o604)).toEqual([true, true, false, false]);
		expect(found(it, 0o602)).toEqual([true, false, true, true]);
	});

	test("says nothing where files have none, and every file looks open", async () => {
		expect(found(await loadedBy(undefined), 0o666)).toEqual([false, false, false, false]);
	});
});
