import { basename, dirname, join } from "node:path";
import { canPaste, shellWord } from "./shell-word.ts";
import { workingFolder } from "./working-folder.ts";

type ProgramName = "client" | "server";

/** What each program is called where it is not a script: `bin` in package.json has the same names. */
const NAMES = { client: "fernet-chat", server: "fernet-chat-server" };

/** How the running program was started. */
interface Start {
	/** The folder that has the code: of the repository or of the package. */
	readonly root: string;
	/** `bun build --compile` has made the program. */
	readonly isExecutable: boolean;
	/** What was typed to start an executable. */
	readonly argv0: string;
	/** The version of Bun. */
	readonly bun: string;
	/** `bunx` or `npx` if one of them has started the program. */
	readonly runner: string | undefined;
	/** The working folder, if there is one. */
	readonly cwd: () => string | null;
}

/** How the programs came to this machine, which decides what a person types to start them. */
export class Installation {
	readonly kind: "clone" | "package" | "executable";
	readonly root: string;
	readonly #start: Start;

	constructor(start: Start) {
		const isPackage = basename(dirname(start.root)) === "node_modules";
		this.kind = start.isExecutable ? "executable" : isPackage ? "package" : "clone";
		this.root = start.root;
		this.#start = start;
	}

	/** The command that starts the running program again, which is `program`. */
	own(program: ProgramName): string {
		const { argv0 } = this.#start;
		if (this.kind === "executable" && canPaste(argv0)) return shellWord(argv0);
		return this.here(program);
	}

	/**
	 * The command that starts a program on this machine: by its path, where a short name would start
	 * what the working folder has under it.
	 */
	here(program: ProgramName): string {
		const { argv0, cwd, root } = this.#start;
		const isInClone = this.kind === "clone" && cwd() !== root;
		const isBeside = this.kind === "executable" && argv0.includes("/");
		const path = isInClone
			? join(root, `${program}.ts`)
			: join(dirname(argv0), NAMES[program]).replace(/^(?![./])/, "./");
		return (isInClone || isBeside) && canPaste(path) ? shellWord(path) : this.elsewhere(program);
	}

	/** The command that starts a program on another machine, if it came there the same way. */
	elsewhere(program: ProgramName): string {
		const { argv0, bun, runner } = this.#start;
		const name = NAMES[program];
		if (this.kind === "clone") return `bun ${program}.ts`;
		// Without a slash it was found in the search path, and so is the other one.
		if (this.kind === "executable") return argv0.includes("/") ? `./${name}` : name;
		if (runner === "npx") return `npx -y -p bun@${minor(bun)} -p ${NAMES.client} ${name}`;
		if (runner !== "bunx") return name;
		return program === "client" ? `bunx ${name}` : `bunx -p ${NAMES.client} ${name}`;
	}
}

const minor = (version: string): string => version.split(".").slice(0, 2).join(".");

/** That of the running program. */
export const installation = new Installation({
	root: join(import.meta.dir, "..", ".."),
	isExecutable: Bun.isStandaloneExecutable,
	argv0: process.argv0,
	bun: Bun.version,
	runner: process.env.npm_lifecycle_event,
	cwd: workingFolder,
});
