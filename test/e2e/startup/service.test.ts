import { expect, test } from "bun:test";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { serverOptions } from "../../../lib/options/server.ts";
import { MAILER, Program } from "../../support/programs.ts";
import { ROOT } from "../../support/root.ts";
import { readUnit } from "./unit.ts";

// The systemd unit, and the page that explains it, must match the server.

const unit = await Bun.file(join(ROOT, "lib/server/deploy/fernet-chat.service")).text();
const page = await Bun.file(join(ROOT, "lib/server/README.md")).text();

const { given, program, script, flags, environment } = readUnit(unit);

test("the unit's command line is one that the server takes", () => {
	expect([program, script]).toEqual(["bun", "server.ts"]);
	expect(serverOptions(flags, environment("/run", "/var/lib"))).toMatchObject({
		...{ host: "::", port: 5050, tls: "own", stay: true },
		...{ keys: "/run/fernet-chat", state: "/var/lib/fernet-chat" },
		room: { file: "/run/fernet-chat/room", key: "/run/fernet-chat/room.key" },
	});
	expect(given("RuntimeDirectory").concat(given("StateDirectory"))).toEqual(
		Array(2).fill("fernet-chat"),
	);
});

test("the unit's command line runs: it starts, reads its files again at SIGHUP, and stops with 0", async () => {
	const folder = await mkdtemp(join(tmpdir(), "fernet-chat-service-"));
	try {
		const env = environment(join(folder, "run"), join(folder, "state"));
		const anyPort = ["--host", "127.0.0.1", "--port", "0"];
		await using server = new Program("server.ts", [...flags, ...anyPort], env);
		await server.waitForOutput(`keeps keys in ${folder}/run/fernet-chat`);
		await server.waitForOutput("On other devices, join with: bun client.ts");
		await chmod(join(folder, "state", "fernet-chat", "server.pem"), 0o644);
		expect(given("ExecReload")).toEqual(["kill -HUP $MAINPID"]);
		server.kill("SIGHUP");
		await server.waitForOutput("The previous certificate stays in use.");
		server.kill("SIGTERM");
		expect(await server.exit()).toBe(0);
	} finally {
		await rm(folder, { recursive: true });
	}
});

test.each(["lib/server/deploy/fernet-chat.service", "lib/client/deploy/fernet-chat-bot.service"])(
	"systemd understands every line of %s",
	async (path) => {
		const folder = await mkdtemp(join(tmpdir(), "fernet-chat-unit-"));
		try {
			// systemd looks for a program where ours need not be.
			const text = (await Bun.file(join(ROOT, path)).text()).replace(
				"=bun ",
				`=${process.execPath} `,
			);
			const copy = join(folder, basename(path));
			await writeFile(copy, text);
			const judge = (): string =>
				Bun.spawnSync(["systemd-analyze", "verify", copy]).stderr.toString();
			expect(judge()).toBe("");
			await writeFile(copy, text.replace("NoNewPrivileges", "NoNewPriviledges"));
			expect(judge()).toContain("NoNewPriviledges");
		} finally {
			await rm(folder, { recursive: true });
		}
	},
);

test("every variable of the unit and of its page is a flag of the server, or a secret of it", () => {
	const named = new Set(`${unit}${page}`.match(/FERNET_CHAT_\w+/g) ?? []);
	expect(named.size).toBeGreaterThan(8);
	for (const name of named) {
		if (Object.hasOwn(MAILER, name)) continue;
		const flag = name.replace("FERNET_CHAT_", "").toLowerCase().replaceAll("_", "-");
		expect(serverOptions(["--help"], {})).toMatch(new RegExp(`^ *--${flag}\\b`, "m"));
	}
});

test("the page makes the user and the folder that the unit names", () => {
	expect(page).toMatch(new RegExp(`useradd .*${given("User")}$`, "m"));
	expect(page).toMatch(new RegExp(`git clone REPOSITORY ${given("WorkingDirectory")}$`, "m"));
	expect(page).toContain("lib/server/deploy/fernet-chat.service /etc/systemd/system/");
});
