import { FaultProxy } from "./fault.ts";

/** A way to break the link, and to mend it. */
export interface Break {
	readonly how: string;
	cut(): void;
	mend(): void;
}

/** A server's network and its members', with a link in between. */
export interface Network extends AsyncDisposable {
	/** The prefix of a command that runs at the server's end, and at the members' end. */
	readonly server: string[];
	readonly members: string[];
	readonly breaks: Break[];
	/** HOST:PORT where nobody answers a member. */
	readonly nowhere: string;
	/** The HOST:PORT by which members reach a port at the server's end. */
	reach(port: number): Promise<string>;
}

/** Both ends are this machine, and the link is a proxy. */
export class Loopback implements Network {
	readonly server = [];
	readonly members = [];
	/** No server listens on this port. */
	readonly nowhere = "127.0.0.1:1";
	#proxy: FaultProxy | undefined;

	readonly breaks: Break[] = [
		{
			how: "reset, and refused for a while",
			cut: () => this.#refuse(true),
			mend: () => this.#refuse(false),
		},
	];

	async reach(port: number): Promise<string> {
		this.#proxy = await FaultProxy.open(port);
		return `127.0.0.1:${this.#proxy.port}`;
	}

	#refuse(refuses: boolean): void {
		if (!this.#proxy) return;
		this.#proxy.refuses = refuses;
		this.#proxy.cut();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#proxy?.[Symbol.asyncDispose]();
	}
}

const SERVER = "10.77.0.1";
/** An address that never answers, like one behind a firewall. */
const SILENT = "10.77.0.254";
const LINK = "link0";

/**
 * A network namespace for each end, joined by a pair of virtual cards. Each namespace lives as
 * long as a process that waits for the end of its input: none is left, however the tests end.
 */
export class Namespaces implements Network {
	readonly nowhere = `${SILENT}:5050`;
	readonly #near: Namespace;
	readonly #far: Namespace;
	/** The members get another address with each new link, as if they had moved elsewhere. */
	#address = 2;

	readonly breaks: Break[] = [
		{
			how: "the server's cable pulled",
			cut: () => this.#near.ip("link", "set", LINK, "down"),
			mend: () => this.#near.ip("link", "set", LINK, "up"),
		},
		{
			how: "the link gone, and the members' address with it",
			cut: () => this.#near.ip("link", "del", LINK),
			mend: () => this.#lay(),
		},
	];

	private constructor(near: Namespace, far: Namespace) {
		this.#near = near;
		this.#far = far;
		this.#lay();
	}

	/** Whether this machine lets us make namespaces: that takes Linux, and root. */
	static get canBeMade(): boolean {
		const make = ["ip", "link", "add", LINK, "type", "veth", "peer", "name", "peer0"];
		try {
			return Bun.spawnSync(["unshare", "--net", ...make]).success;
		} catch {
			return false;
		}
	}

	static async open(): Promise<Namespaces> {
		return new Namespaces(await Namespace.open(), await Namespace.open());
	}

	get server(): string[] {
		return this.#near.enter;
	}

	get members(): string[] {
		return this.#far.enter;
	}

	async reach(port: number): Promise<string> {
		return `${SERVER}:${port}`;
	}

	#lay(): void {
		const peer = ["peer", "name", LINK, "netns", String(this.#far.pid)];
		this.#near.ip("link", "add", LINK, "type", "veth", ...peer);
		this.#near.ip("address", "add", `${SERVER}/24`, "dev", LINK);
		this.#far.ip("address", "add", `10.77.0.${this.#address++}/24`, "dev", LINK);
		for (const end of [this.#near, this.#far]) end.ip("link", "set", LINK, "up");
		this.#far.ip("neighbour", "add", SILENT, "lladdr", "02:00:00:00:00:01", "dev", LINK);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const end of [this.#near, this.#far]) await end[Symbol.asyncDispose]();
	}
}

/** How often the kernel resends before it gives up: for seconds, not a quarter of an hour. */
const RETRIES = "3";

class Namespace implements AsyncDisposable {
	readonly #keeper: Bun.Subprocess<"pipe", "pipe", "inherit">;

	private constructor() {
		const keep = `echo ${RETRIES} >/proc/sys/net/ipv4/tcp_retries2 && echo && exec cat`;
		this.#keeper = Bun.spawn(["unshare", "--net", "sh", "-c", keep], {
			stdin: "pipe",
			stdout: "pipe",
		});
	}

	static async open(): Promise<Namespace> {
		const namespace = new Namespace();
		// Until it prints its first line, the process may still be in our own namespace.
		const { done } = await namespace.#keeper.stdout.getReader().read();
		if (done) throw new Error("a network namespace cannot be made");
		namespace.ip("link", "set", "lo", "up");
		return namespace;
	}

	get pid(): number {
		return this.#keeper.pid;
	}

	get enter(): string[] {
		return ["nsenter", `--net=/proc/${this.pid}/ns/net`];
	}

	ip(...args: string[]): void {
		const { success, stderr } = Bun.spawnSync([...this.enter, "ip", ...args]);
		if (!success) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#keeper.stdin.end();
		await this.#keeper.exited;
	}
}
