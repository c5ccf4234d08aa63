import { afterAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../support/eventually.ts";
import { EVIL_TITLE, HostileFolder } from "../../support/hostile-folder.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Program, Stage } from "../../support/programs.ts";
import { quietPort } from "../../support/quiet-port.ts";
import { ROOT } from "../../support/root.ts";
import { Screen } from "../../support/terminal.ts";

// The executables of this machine's kind, made by `bun run build` and run in a hostile folder.

const HERE = `${process.platform}-${process.arch}`;
/** One for which Bun has to fetch its runtime, and cannot. */
const UNREACHABLE = "linux-arm64-musl";

const DOWN = "\x1b[B";

const dist = await mkdtemp(join(tmpdir(), "fernet-chat-dist-"));
const hostile = new HostileFolder();
const build = Bun.spawnSync(
	[process.execPath, "run", "build", UNREACHABLE, HERE, "--outdir", dist],
	{
		cwd: ROOT,
		env: {
			...process.env,
			BUN_INSTALL_CACHE_DIR: join(dist, "cache"),
			HTTPS_PROXY: `http://127.0.0.1:${quietPort()}`,
		},
	},
);

/** In the place of Bun and the script: an executable, in the hostile folder. */
const instead = (program: string): string[] => {
	const there = `shift 2 && cd '${hostile.path}' && exec "$0" "$@"`;
	return ["sh", "-c", there, join(dist, `${program}-${HERE}`)];
};
const stage = await Stage.openWith({
	...{ within: instead("fernet-chat-server"), isPaged: true, isMailing: true, endsWhenEmpty: true },
});
afterAll(async () => {
	await stage[Symbol.asyncDispose]();
	await rm(dist, { recursive: true });
	hostile[Symbol.dispose]();
});

test("the build names the target that it could not make, and makes the others with their checksums", async () => {
	expect(build.exitCode).toBe(1);
	const printed = build.stderr.toString();
	expect(printed).toContain(`Nothing was made for ${UNREACHABLE}: Failed to download 'bun-`);
	expect(printed).toContain(`Not built: ${UNREACHABLE}. Bun fetches`);
	const names = ["fernet-chat", "fernet-chat-server"].map((name) => `${name}-${HERE}`);
	expect((await readdir(dist)).filter((name) => name !== "cache").sort()).toEqual(
		["SHA256SUMS", ...names].sort(),
	);
	const check = Bun.spawnSync(["sha256sum", "--check", "--strict", "SHA256SUMS"], { cwd: dist });
	expect(check.stdout.toString()).toBe(names.map((name) => `${name}: OK\n`).join(""));
});

test.each(["linux-x46", "windows-x64", ""])("%p is no target, and nothing is made", (name) => {
	const { exitCode, stderr } = Bun.spawnSync([process.execPath, "lib/build/build.ts", HERE, name], {
		cwd: ROOT,
	});
	expect(exitCode).toBe(1);
	expect(stderr.toString()).toStartWith(
		`There is no target ${JSON.stringify(name)}. There are linux-`,
	);
});

const ask = (path: string): Promise<Response> => {
	const headers = { "Accept-Encoding": "gzip, deflate, br" };
	return fetch(new URL(path, stage.url), { headers, decompress: false });
};
const text = async (path: string): Promise<string> =>
	(await fetch(new URL(path, stage.url))).text();

test("the server has the page and all that the page loads, as small and with the headers as ever", async () => {
	const index = await ask("/");
	expect(index.headers.get("cache-control")).toBe("no-cache");
	const links = (await text("/")).matchAll(/(?:src|href)="\.?\/([^"]+)"/g);
	const names = Array.from(links, ([, name = ""]) => name);
	const script = await text(names.find((name) => name.endsWith(".js")) ?? "");
	const [worker = ""] = /timer-worker-[a-z\d]{8}\.js/.exec(script) ?? [];
	const files = await Promise.all(
		// The icon for a home screen is loaded when somebody puts the page there.
		[...names.filter((name) => !name.endsWith(".png")), worker].map(async (name) => {
			const { status, headers } = await ask(name);
			expect([status, headers.get("cache-control")]).toEqual([
				200,
				"public, max-age=31536000, immutable",
			]);
			expect(headers.get("content-security-policy")).toContain("default-src 'none'");
			return { type: headers.get("content-type"), size: Number(headers.get("content-length")) };
		}),
	);
	const types = files.map(({ type }) => type).join();
	for (const type of ["text/javascript", "text/css", "application/manifest+json", "image/svg"]) {
		expect(types).toContain(type);
	}
	const size = files.reduce(
		(sum, file) => sum + file.size,
		Number(index.headers.get("content-length")),
	);
	expect(size).toBeLessThan(60_000);
	expect((await ask("/icon.svg")).status).toBe(200);
});

test("the client has the page for its window, too, and what starts a browser", async () => {
	const browser = join(hostile.path, "google-chrome");
	await writeFile(browser, `#!/bin/sh\necho "$*" > '${browser}.run'\n`, { mode: 0o755 });
	const env = { PATH: `${hostile.path}:${process.env.PATH}`, DISPLAY: ":99" };
	const args = ["--window", ...stage.clientArgs()];
	const window = stage.tidy(new Program("client.ts", args, env, instead("fernet-chat")));
	await window.waitForOutput(/\/window#/);
	const [link = ""] = /http:\S+/.exec(window.out) ?? [];
	const [, script = ""] = /src="([^"]+\.js)"/.exec(await (await fetch(link)).text()) ?? [];
	expect(await (await fetch(new URL(script, link))).text()).toContain("WebSocket");
	await eventually("the browser", () => existsSync(`${browser}.run`));
	expect(await readFile(`${browser}.run`, "utf8")).toContain("--app=file:///");
	window.kill();
	expect(await window.exit()).toBe(0);
});

const client = (name: string): Screen => {
	const args = stage.clientArgs("--name", name, "--email", `${name}@gmail.com`);
	return stage.tidy(
		new Screen("client.ts", args, { cols: 160, rows: 60, within: instead("fernet-chat") }),
	);
};

/** The code in the mail that comes after the first `before` mails. */
async function codeAfter(before: number): Promise<string> {
	await eventually("the mail", () => stage.mails.length > before);
	return /fernet-chat code is (\d{6})/.exec(stage.mails.at(-1)?.text ?? "")?.[1] ?? "";
}

test("they are the whole story: refused, let in, talk, with a page too, and the last one ends it", async () => {
	const [ann, bob] = [client("ann"), client("bob")];
	const before = stage.mails.length;
	await ann.waitForText("How do you want to log in?");
	ann.type("\r");
	const code = await codeAfter(before);
	await ann.waitForText(/◆ {2}Code from the mail/);
	ann.type(`${code === "000000" ? "000001" : "000000"}\r`);
	await ann.waitForText(/not the code in the mail\.[\s\S]*◆ {2}Code from the mail/);
	ann.type(`${code}\r`);
	await ann.waitForText("You are ann");

	await bob.waitForText("How do you want to log in?");
	bob.type(`${DOWN}\r`);
	await bob.waitForText(/◆ {2}Password/);
	bob.type("wrongwrongwrongw\r");
	// The page again, with what was right.
	const again = {
		"User name": "\r",
		"Mail address": "\r",
		"How do you": `${DOWN}\r`,
		Password: "",
	};
	for (const [prompt, keys] of Object.entries(again)) {
		await bob.waitForText(new RegExp(`rejected this[\\s\\S]*◆ {2}${prompt}`));
		bob.type(keys);
	}
	bob.type(`${PASSWORD}\r`);
	await bob.waitForText("You are bob");

	// As the page does: through its WebSocket.
	const page = await Peer.member(stage, "cleo");
	page.send({ type: "say", id: "1", text: "from a page" });
	bob.type("from a terminal\r");
	for (const screen of [ann, bob]) {
		await screen.waitForText("from a page");
		await screen.waitForText("bob: from a terminal");
	}
	expect(ann.text).not.toContain(EVIL_TITLE);
	page.send({ type: "leave" });
	await page.waitUntilClosed();
	for (const screen of [ann, bob]) {
		screen.type("/leave\r");
		expect(await screen.exit()).toBe(0);
	}
	expect(await stage.server.exit()).toBe(0);
	expect(await stage.keyFiles()).toEqual([]);
	expect(hostile.obeyed).toBe("");
});
