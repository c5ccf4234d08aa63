import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Glob } from "bun";
import manifest from "../../../package.json";
import { eventually } from "../../support/eventually.ts";
import { openMailbox, PASSWORD } from "../../support/mailbox.ts";
import { Program } from "../../support/programs.ts";
import { ROOT } from "../../support/root.ts";
import { Screen } from "../../support/terminal.ts";

// The package: packed once, and started as friends start it, by Bun or by Node alone.

/** Milliseconds that a package manager may take to fetch what it needs. */
const FETCHING = 120_000;
/** Not on a terminal, a program has to be told to lead a group of processes. */
const LEADING = "/usr/bin/setsid";

const folder = await mkdtemp(join(tmpdir(), "fernet-chat-package-"));
const tarball = join(folder, `${manifest.name}-${manifest.version}.tgz`);
const executable = join(folder, "fernet-chat-x64");
const runtime = join(folder, "runtime");
const keys = join(runtime, "fernet-chat", "keys");
await mkdir(runtime, { mode: 0o700 });
const mailbox = await openMailbox(undefined, true);
afterAll(async () => {
	await mailbox[Symbol.asyncDispose]();
	await registry.stop(true);
	await rm(folder, { recursive: true });
});

function run(...command: string[]): string {
	const { success, stdout, stderr } = Bun.spawnSync(command, { cwd: ROOT });
	if (!success) throw new Error(`${command.join(" ")}\n${stderr}`);
	return String(stdout).trimEnd();
}
run(process.execPath, "pm", "pack", "--quiet", "--destination", folder);
run(process.execPath, "build", "--compile", "client.ts", "--outfile", executable);
const registry = serveRegistry(run("npm", "config", "get", "registry"));

const which = (name: string): string => Bun.which(name) ?? `/no/${name}`;
const SH = { sh: which("sh") };
const withBun = await newcomer("bun", { ...SH, bun: process.execPath, bunx: process.execPath });
const withNode = await newcomer("node", {
	...SH,
	...{ node: which("node"), npm: which("npm"), npx: which("npx") },
});
const withNothing = await newcomer("nothing", SH);

/** A registry that has our package, and sends who asks for another on to that of this machine. */
function serveRegistry(others: string): Bun.Server<undefined> {
	const { name, version } = manifest;
	return Bun.serve({
		port: 0,
		hostname: "127.0.0.1",
		fetch(request) {
			const { pathname, origin } = new URL(request.url);
			if (pathname === `/${name}.tgz`) return new Response(Bun.file(tarball));
			if (pathname !== `/${name}`) return Response.redirect(new URL(`.${pathname}`, others).href);
			const dist = { tarball: `${origin}/${name}.tgz` };
			const versions = { [version]: { ...manifest, dist } };
			return Response.json({ name, "dist-tags": { latest: version }, versions });
		},
	});
}

/** A home and a working folder with nothing in them, and these programs alone in the search path. */
async function newcomer(name: string, programs: Record<string, string>) {
	const at = (part: string): string => join(folder, name, part);
	for (const part of ["home", "cwd", "bin"]) await mkdir(at(part), { recursive: true });
	for (const [program, path] of Object.entries(programs)) {
		await symlink(await realpath(path), join(at("bin"), program));
	}
	const from = { npm_config_registry: registry.url.href };
	const env = { HOME: at("home"), PATH: at("bin"), XDG_RUNTIME_DIR: runtime, ...from };
	/** In the place of the runtime and the script. */
	const typing = (command: string): string[] => [
		...[SH.sh, "-c", `shift 2 && cd '${at("cwd")}' && exec ${command} "$@"`, "sh"],
	];
	return { home: at("home"), env, typing };
}

/** Both bunx and npx start ours as programs of their own, which do not end with them. */
function killGroup(leader: number): void {
	try {
		process.kill(-leader, "SIGKILL");
	} catch {
		// All of it has ended.
	}
}

test("it has the programs, their pages and fernet, and nothing of tests", () => {
	expect(manifest).not.toHaveProperty("private");
	const listed = String(Bun.spawnSync(["tar", "tzf", tarball]).stdout)
		.trimEnd()
		.split("\n");
	const places = listed.map((path) =>
		path.split("/").slice(1, path.includes("node_modules") ? 3 : 2),
	);
	const all = [...new Glob("lib/**/*.ts").scanSync(ROOT)];
	const lib = all.filter((path) => !path.startsWith("lib/build/"));
	expect([...new Set(places.map((parts) => parts.join("/")))].sort()).toEqual([
		...["INVITATION.md", "LICENSE", "README.md", "SECURITY.md", "client.ts", "lib"],
		...["crypto-js", "fernet", "urlsafe-base64"].map((name) => `node_modules/${name}`),
		...["package.json", "server.ts"],
	]);
	expect(
		Array.from(lib, (path) => `package/${path}`).filter((path) => !listed.includes(path)),
	).toEqual([]);
	expect(listed.filter((path) => /^package\/lib\/build\/.*\.ts$/.test(path))).toEqual([]);
});

test(
	"a room whose server came by bunx, and its members by npx, by bunx and in one file",
	async () => {
		await using things = new AsyncDisposableStack();
		const started = <T extends Program | Screen>(program: T): T => {
			things.use(program);
			things.defer(() => killGroup(program.pid));
			return program;
		};
		const args = ["--port", "0", "--web", "0", "--tls", "--remember-days", "0"];
		const state = { XDG_STATE_HOME: join(withBun.home, "state") };
		const serve = withBun.typing(`bunx -p fernet-chat fernet-chat-server --smtp ${mailbox.url}`);
		const server = started(
			new Program("server.ts", args, { ...withBun.env, ...state }, [LEADING, ...serve]),
		);
		const printed = (pattern: RegExp) => pattern.exec(server.out)?.[1];
		const link = () => printed(/terminal join at: (\S+)/);
		const url = await eventually("a link", link, () => server.err, FETCHING);
		expect(server.out).toContain(`keeps keys in ${keys}.`);
		expect((await stat(keys)).mode & 0o777).toBe(0o700);
		const invitation = String(printed(/, join with: (bunx fernet-chat '.*')\n/));
		const page = await (await fetch(url)).text();
		const [, script = ""] = /src="([^"]+\.js)"/.exec(page) ?? [];
		expect(await (await fetch(new URL(script, url))).text()).toContain("WebSocket");

		const room = String(printed(/listens on (127\.0\.0\.1:\d+)/));
		const within = withNode.typing(
			`npx -y -p ${manifest.packageManager} -p fernet-chat fernet-chat`,
		);
		const ann = started(new Screen("client.ts", [room], { env: withNode.env, within, cols: 100 }));
		const asks = () => ann.text.includes("User name");
		await eventually("a question", asks, () => ann.text, FETCHING);
		const answers = { "User name": "ann", "Mail address": "ann@gmail.com", Password: PASSWORD };
		for (const [question, answer] of Object.entries(answers)) {
			await ann.waitForText(question);
			ann.type(`${answer}\r`);
		}
		await ann.waitForText("You are ann. Nobody else is here yet.");

		const bot = (name: string, command: string, { env, typing }: typeof withBun): Program => {
			const who = ["--json", "--name", name, "--email", `${name}@gmail.com`];
			const secret = { FERNET_CHAT_PASSWORD: PASSWORD };
			const leading = [LEADING, ...typing(command)];
			return started(new Program("client.ts", who, { ...env, ...secret }, leading));
		};
		const ben = bot("ben", invitation, withBun);
		const cyd = bot("cyd", `'${executable}' ${room}`, withNothing);
		await cyd.waitForOutput('"type":"welcome"');
		await ben.waitForOutput('"type":"welcome"');
		ben.write('{"type":"say","text":"Which way did you come?"}\n');
		await ann.waitForText("Which way did you come?");
		ann.type("By Node alone.\r");
		for (const each of [ben, cyd]) await each.waitForOutput("By Node alone.");
		for (const each of [ben, cyd]) each.endInput();
		ann.type("/leave\r");
		const ends = [ben, cyd, ann, server].map((program) => program.exit());
		expect(await Promise.all(ends)).toEqual([0, 0, 0, 0]);
		expect(await readdir(keys)).toEqual(["server.lock"]);
	},
	3 * FETCHING,
);

test("one file says how it was started, and where its keys are", async () => {
	const within = withNothing.typing("../../fernet-chat-x64");
	await using program = new Program("client.ts", ["--help"], withNothing.env, within);
	expect(await program.exit()).toBe(0);
	expect(program.out).toContain("\nUsage: ../../fernet-chat-x64 [HOST");
	expect(program.out).toContain("$XDG_RUNTIME_DIR/fernet-chat/keys");
});

test("each has fernet with a crypto-js that no advisory is against", async () => {
	for (const { home } of [withBun, withNode]) {
		const found = [
			...new Glob("**/node_modules/crypto-js/package.json").scanSync({ cwd: home, dot: true }),
		];
		const versions = found.map(
			async (path) => JSON.parse(await readFile(join(home, path), "utf8")).version,
		);
		expect(new Set(await Promise.all(versions))).toEqual(
			new Set([manifest.overrides["crypto-js"]]),
		);
	}
});
