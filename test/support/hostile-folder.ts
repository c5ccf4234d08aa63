import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import manifest from "../../package.json";
import { ROOT } from "./root.ts";

/** What a room would show that obeys the settings in the folder. */
export const EVIL_TITLE = "Mallory was here";

/** A folder as somebody else may have prepared it, for whoever starts a program there. */
export class HostileFolder implements Disposable {
	readonly path = mkdtempSync(join(tmpdir(), "fernet-chat-hostile-"));

	constructor() {
		const mark = `require("fs").appendFileSync(${JSON.stringify(this.#mark)}, module.filename);`;
		this.write("evil.js", mark);
		this.write("bunfig.toml", 'preload = ["./evil.js"]');
		this.write(".npmrc", "registry=http://127.0.0.1:1/");
		const variables = [
			...[`FERNET_CHAT_TITLE=${EVIL_TITLE}`, "FERNET_CHAT_PLAIN=1", "FERNET_CHAT_HOST=0.0.0.0"],
			...["NODE_TLS_REJECT_UNAUTHORIZED=0", `XDG_CONFIG_HOME=${this.path}`],
			...["BUN_OPTIONS=--preload ./evil.js", "NODE_OPTIONS=--require ./evil.js"],
		];
		this.write(".env", variables.join("\n"));
		this.write(".env.local", "FERNET_CHAT_OWNER=mallory@gmail.com");
		const evil = Object.keys(manifest.imports).map((name) => [name, "./evil.js"]);
		const scripts = ["client.ts", "server.ts"].map((name) => [join(ROOT, name), "./evil.js"]);
		this.write(
			"package.json",
			JSON.stringify({
				...{ name: "fernet-chat", imports: Object.fromEntries(evil) },
				scripts: Object.fromEntries(scripts),
			}),
		);
		this.write(
			"tsconfig.json",
			JSON.stringify({ compilerOptions: { paths: { "*": ["./evil.js"] } } }),
		);
		for (const name of Object.keys(manifest.dependencies)) {
			this.write(`node_modules/${name}/index.js`, mark);
		}
	}

	get #mark(): string {
		return join(this.path, "obeyed");
	}

	write(name: string, text: string): void {
		const path = join(this.path, name);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, text);
	}

	/** The files that a program has run. */
	get obeyed(): string {
		return existsSync(this.#mark) ? readFileSync(this.#mark, "utf8") : "";
	}

	[Symbol.dispose](): void {
		rmSync(this.path, { recursive: true });
	}
}
