import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKey } from "../../../lib/wire/crypto/fernet.ts";
import { fingerprintOf, type Identity } from "../../support/certificates.ts";
import { FaultProxy, type Faults } from "../../support/fault.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { certificate } from "../../support/mailbox-certificate.ts";
import { Bot, Stage } from "../../support/programs.ts";
import { quietPort } from "../../support/quiet-port.ts";
import { Redis } from "../../support/redis.ts";

interface How {
	/** How many servers there are; 2 by default. */
	readonly size?: number;
	/** They run in processes of their own, so that they can be killed and frozen. */
	readonly arePrograms?: boolean;
	readonly endsWhenEmpty?: boolean;
	/** Flags of redis-server. */
	readonly redisFlags?: readonly string[];
	/** Variables for redis-server. */
	readonly redisEnv?: Record<string, string>;
	/** What happens to a member's connection. */
	readonly faults?: () => Faults;
}

/** Servers that are one room, the Redis that keeps it, and a load balancer before them. */
export class Cluster implements AsyncDisposable {
	readonly stages: Stage[] = [];
	/** Those between each server and Redis. */
	readonly networks: FaultProxy[] = [];
	/** What was printed by servers that have a bug, or that failed. */
	readonly faults: string[] = [];
	/** Leads each connection to the next server. */
	balancer!: FaultProxy;
	fingerprint!: string;
	readonly #bots: Bot[] = [];
	readonly #ports: number[] = [];
	#turn = 0;
	/** Servers that are being ended by the test. */
	readonly #ending = new Set<Stage["server"]>();

	private constructor(
		readonly folder: string,
		readonly redis: Redis,
		private readonly flags: readonly string[],
	) {}

	/** `flags` are for all servers. */
	static async open(how: How = {}, ...flags: string[]): Promise<Cluster> {
		const folder = mkdtempSync(join(tmpdir(), "fernet-chat-cluster-"));
		const redis = await Redis.startWith(how.redisEnv ?? {}, ...(how.redisFlags ?? []));
		const { cert, private: key } = await certificate();
		const files = { "room.key": generateKey(), "cert.pem": cert, "key.pem": key };
		for (const [name, text] of Object.entries(files)) {
			writeFileSync(join(folder, name), text, { mode: 0o600 });
		}
		const tls = ["--tls-cert", join(folder, "cert.pem"), "--tls-key", join(folder, "key.pem")];
		const cluster = new Cluster(folder, redis, [
			...["--room-key", join(folder, "room.key"), ...tls, ...flags],
		]);
		await cluster.#open({ cert, key }, how);
		return cluster;
	}

	async #open(identity: Identity, { size = 2, faults, arePrograms, endsWhenEmpty }: How) {
		mkdirSync(this.entry.keys);
		this.fingerprint = fingerprintOf(identity);
		const how = { isLocal: !arePrograms, endsWhenEmpty: endsWhenEmpty ?? false };
		for (let index = 0; index < size; index++) {
			this.networks.push(await FaultProxy.open(this.redis.port));
			this.#ports.push(quietPort());
			const stage = await Stage.openWith(how, ...this.#flagsOf(index));
			this.stages.push(stage);
			this.#watch(stage.server);
		}
		this.balancer = await FaultProxy.open(() => this.#nextPort, faults);
	}

	#flagsOf(index: number): string[] {
		const room = `redis://127.0.0.1:${this.networks[index]?.port}`;
		return ["--port", String(this.#ports[index]), "--room", room, ...this.flags];
	}

	get #nextPort(): number {
		return this.#ports[this.#turn++ % this.#ports.length] ?? 0;
	}

	/** For members that can be led to any server. */
	get entry() {
		const keys = join(this.folder, "members");
		return { port: this.balancer?.port, keys, fingerprint: this.fingerprint };
	}

	/** A bot that comes in through the load balancer. */
	async member(name: string): Promise<Bot> {
		const { port, keys, fingerprint } = this.entry;
		const who = ["--name", name, "--email", addressOf(name)];
		const env = { FERNET_CHAT_PASSWORD: PASSWORD, XDG_CONFIG_HOME: keys };
		const bot = Bot.local([`127.0.0.1:${port}#${fingerprint}`, "--keys", keys, ...who], env);
		this.#bots.push(bot);
		await bot.waitFor({ type: "welcome" });
		return bot;
	}

	stage(index: number): Stage {
		const stage = this.stages[index];
		if (!stage) throw new Error(`there is no server ${index}`);
		return stage;
	}

	/** The network between a server and Redis. */
	network(index: number): FaultProxy {
		const network = this.networks[index];
		if (!network) throw new Error(`there is no server ${index}`);
		return network;
	}

	#watch(server: Stage["server"]): void {
		void server.exit().then((code) => {
			const { out, err } = server;
			if (/bug/.test(err)) this.faults.push(err);
			if (code !== 0 && !this.#ending.has(server))
				this.faults.push(`A server ended with ${code}: ${out}${err}`);
		});
	}

	/** Ends a server, and waits for that. */
	async stop(index: number, signal: NodeJS.Signals = "SIGKILL"): Promise<number> {
		const { server } = this.stage(index);
		this.#ending.add(server);
		server.kill(signal);
		return server.exit();
	}

	/** Starts a server again, as a supervisor does: until it runs. */
	async start(index: number): Promise<void> {
		const stage = this.stage(index);
		for (let isOpen = false; !isOpen; ) {
			await stage.relaunch(...this.#flagsOf(index));
			const { server } = stage;
			const ended = server.exit().then(() => false);
			const opened = server.waitForOutput("listens on").then(() => true);
			isOpen = await Promise.race([opened, ended]);
		}
		this.#watch(stage.server);
	}

	/** Waits until all servers have ended by themselves; returns their exit codes. */
	async end(): Promise<number[]> {
		for (const { server } of this.stages) this.#ending.add(server);
		return Promise.all(this.stages.map(({ server }) => server.exit()));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const { server } of this.stages) this.#ending.add(server);
		for (const bot of this.#bots) await bot[Symbol.asyncDispose]();
		await this.balancer[Symbol.asyncDispose]();
		await Promise.all(this.stages.map((stage) => stage[Symbol.asyncDispose]()));
		for (const network of this.networks) await network[Symbol.asyncDispose]();
		await this.redis[Symbol.asyncDispose]();
		await rm(this.folder, { recursive: true, force: true });
	}
}
