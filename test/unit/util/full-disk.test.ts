import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../support/root.ts";

// Every file that the programs write, where no more fits: the old file stays, and nothing half.

let folder = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "fernet-chat-full-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes files that fit and then those that do not; prints what is there after each round. */
const SCRIPT = `
	import { readdirSync, readFileSync } from "node:fs";
	import { BanFile } from "${ROOT}/lib/server/accounts/ban-file.ts";
	import { ConfigDir } from "${ROOT}/lib/client/util/config-dir.ts";
	import { Transcript } from "${ROOT}/lib/client/transcript/transcript.ts";
	import { createFile } from "${ROOT}/lib/util/secure-file.ts";
	const folder = process.argv.at(-1);
	const config = new ConfigDir({ XDG_CONFIG_HOME: folder });
	const transcript = new Transcript();
	const codes = [];
	const attempt = (write) => {
		try { write(); } catch (error) { codes.push(error.cause?.code ?? error.code); }
	};
	const show = () => readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => [entry.name, readFileSync(entry.parentPath + "/" + entry.name, "utf8")]);
	const accounts = (count) => new Set(Array.from({ length: count }, (_, i) => "a" + i + "@b.cc"));
	const round = (size) => {
		attempt(() => config.write("servers.json", { size: "x".repeat(size * 10) }));
		attempt(() => new BanFile(folder + "/banned").replace(accounts(size)));
	};
	round(1);
	const before = show();
	round(9000);
	transcript.add("x".repeat(90_000));
	attempt(() => createFile(folder + "/saved", transcript.text));
	attempt(() => createFile(folder + "/server.pem", "x".repeat(90_000)));
	console.log(JSON.stringify({ before, after: show(), codes }));`;

function run(shell: string) {
	const { stdout, stderr } = Bun.spawnSync([
		"sh",
		"-c",
		shell,
		process.execPath,
		"-e",
		SCRIPT,
		folder,
	]);
	return JSON.parse(stdout.toString() || JSON.stringify(stderr.toString()));
}

/** Each runs its arguments where files can have few bytes; the second needs rights to mount. */
const DISKS: [what: string, shell: string, code: string][] = [
	["a limit of a file's size", 'trap "" XFSZ; ulimit -f 8; exec "$0" "$@"', "EFBIG"],
];
const FULL = 'mount -t tmpfs -o size=64k,mode=700 none "$3" && exec "$0" "$@"';
if (Bun.spawnSync(["unshare", "-m", "true"]).success)
	DISKS.push(["a full disk", `exec unshare -m sh -c '${FULL}' "$0" "$@"`, "ENOSPC"]);

test.each(DISKS)("%s", (_, shell, code) => {
	const { before, after, codes } = run(shell);
	expect(before).toHaveLength(2);
	expect(after).toEqual(before);
	expect(codes).toEqual([code, code, code]);
});
