import { afterAll, expect, test } from "bun:test";
import {
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadLastLogin, saveLastLogin } from "../../../../lib/client/login/last-login.ts";
import { ConfigDir } from "../../../../lib/client/util/config-dir.ts";

// What test/e2e/login/last-login.test.ts shows of some files on a screen holds of all of these.

const root = mkdtempSync(join(tmpdir(), "fernet-chat-last-login-"));
afterAll(() => rmSync(root, { recursive: true }));

const ANN = { name: "ann", email: "ann@gmail.com" };
const NOTHING = { name: undefined, email: undefined };

/** A configuration folder of its own. */
function configDir(): { dir: ConfigDir; home: string; file: string } {
	const home = mkdtempSync(join(root, "home-"));
	const dir = new ConfigDir({ XDG_CONFIG_HOME: home });
	return { dir, home, file: join(dir.folder, "login.json") };
}

const damaged: [what: string, content: string | Uint8Array][] = [
	["empty", ""],
	["cut off", '{"name":"ann","em'],
	["null", "null"],
	["a list", '["ann"]'],
	["of other types", '{"name":5,"email":{"a":1}}'],
	["what is no name and no address", '{"name":"a b","email":"ann"}'],
	[
		"a command to the terminal",
		'{"name":"\\u001b[2J","email":"\\u001b]52;c;aGk=\\u0007@gmail.com"}',
	],
	["no text", new Uint8Array([0xff, 0xfe, 0, 1])],
];

test.each(damaged)(
	"a file that is %s offers nothing, and the next login mends it",
	(_, content) => {
		const { dir, file } = configDir();
		mkdirSync(dir.folder);
		writeFileSync(file, content);
		expect(loadLastLogin(dir)).toEqual(NOTHING);
		saveLastLogin(ANN, dir);
		expect(loadLastLogin(dir)).toEqual(ANN);
		expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(ANN);
		expect(statSync(file).mode & 0o777).toBe(0o600);
	},
);

const blocked: [what: string, block: (home: string, folder: string) => unknown][] = [
	["a file stands where the folder belongs", (_, folder) => writeFileSync(folder, "")],
	[
		"a folder stands where the file belongs",
		(_, folder) => mkdirSync(join(folder, "login.json"), { recursive: true }),
	],
	["a link leads nowhere", (home, folder) => symlinkSync(join(home, "no", "where"), folder)],
];

test.each(blocked)("%s: nothing is offered, and saving throws nothing", (_, block) => {
	const { dir, home } = configDir();
	block(home, dir.folder);
	saveLastLogin(ANN, dir);
	expect(loadLastLogin(dir)).toEqual(NOTHING);
});
