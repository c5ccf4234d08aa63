import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Entry } from "../../../lib/server/room-log/entry.ts";
import { Fernet, generateKey } from "../../../lib/wire/crypto/fernet.ts";
import { fingerprintOf } from "../../support/certificates.ts";
import { FaultProxy, type Faults } from "../../support/fault.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { certificate } from "../../support/mailbox-certificate.ts";
import { Bot, Stage } from "../../support/programs.ts";
import { quietPort } from "../../support/quiet-port.ts";
import { Redis } from "../../support/redis.ts";
import { until } from "../reconnect/converse.ts";

const KEY = "room.key";
const LOG = "fc:{room}:log";

interface How {
	/** How many servers there are; 2 by default. */
	readonly size?: number;
	/** They run in processes of their own, so that they can be killed and frozen. */
	readonly arePrograms?: boolean;
	readonly endsWhenEmpty?: boolean;
	/** Flags of redis-server. */
	readonly redisFlags?: readonly string[];
	/** What happens to a member's connection. */
	readonly faults?: () => Faults;
	/** What happens to a connection to Redis. */
	readonly networkFaults?: () => Faults;
}

interface Parts {
	readonly folder: string;
	readonly redis: Redis;
	/** Leads each connection to the next server. */
	readonly balancer: FaultProxy;
	/** Those between each server and Redis. */
	readonly networks: readonly FaultProxy[];
	/** Where each server listens. */
	readonly ports: readonly number[];
	/** Of the certificate that all servers share. */
	readonly fingerprint: string;
	/** Of all servers. */
	readonly flags: readonly string[];
}

/** Servers that are one room, the Redis that keeps it, and a load balancer before them. */
export class Cluster implements AsyncDisposable {
	readonly redis: Redis;
	readonly balancer: FaultProxy;
	readonly networks: readonly FaultProxy[];
	readonly #parts: Parts;
	stages: readonly Stage[] = [];
	/** What was printed by servers that have a bug, or that failed. */
	readonly faults: string[] = [];
	readonly #bots: Bot[] = [];
	/** Servers that are being ended by the test. */
	readonly #ending = new Set<Stage["server"]>();

	private constructor(parts: Parts) {
		({ redis: this.redis, balancer: this.balancer, networks: this.networks } = parts);
		this.#parts = parts;
	}

	/** `flags` are for all servers. */
	static async open(how: How = {}, ...flags: string[]): Promise<Cluster> {
		const { size = 2, arePrograms = false, endsWhenEmpty = false } = how;
		const folder = mkdtempSync(join(tmpdir(), "fernet-chat-cluster-"));
		const { cert, private: key } = await certificate();
		const [shared, certs, keys] = [KEY, "cert.pem", "key.pem"].map((name) => join(folder, name));
		for (const [path, text] of [
			[shared, generateKey()],
			[certs, cert],
			[keys, key],
		]) {
			writeFileSync(String(path), String(text), { mode: 0o600 });
		}
		const redis = await Redis.start(...(how.redisFlags ?? []));
		const ports = Array.from({ length: size }, quietPort);
		let turn = 0;
		const nextPort = () => ports[turn++ % size] ?? 0;
		const cluster = new Cluster({
			...{ folder, redis, ports, fingerprint: fingerprintOf({ cert, key }) },
			balancer: await FaultProxy.open(nextPort, how.faults),
			networks: await Promise.all(ports.map(() => FaultProxy.open(redis.port, how.networkFaults))),
			flags: [`--room-key=${shared}`, `--tls-cert=${certs}`, `--tls-key=${keys}`, ...flags],
		});
		mkdirSync(cluster.entry.keys);
		const stageOf = (_: number, index: number) =>
			Stage.openWith({ isLocal: !arePrograms, endsWhenEmpty }, ...cluster.#flagsOf(index));
		cluster.stages = await Promise.all(ports.map(stageOf));
		for (const { server } of cluster.stages) cluster.#watch(server);
		return cluster;
	}

	#flagsOf(index: number): string[] {
		const { ports, flags } = this.#parts;
		const room = `redis://127.0.0.1:${this.network(index).port}`;
		return ["--port", String(ports[index]), "--room", room, ...flags];
	}

	/** For members that can be led to any server. */
	get entry() {
		const { folder, balancer, fingerprint } = this.#parts;
		return { port: balancer.port, keys: join(folder, "members"), fingerprint };
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
			let hasEnded = false;
			void server.exit().then(() => {
				hasEnded = true;
			});
			// If Redis is gone, it ends, or waits.
			await until(() => hasEnded || server.out.includes("listens on"));
			isOpen = !hasEnded;
		}
		this.#watch(stage.server);
	}

	/**
	 * Lets time pass for the room, whose time is that of the records in its log: writes an empty one
	 * with a later place, and those that follow get places after it. Of more than four seconds at once
	 * servers make an outage of Redis.
	 */
	async pass(seconds: number): Promise<void> {
		const fernet = this.#fernet;
		const last = await this.redis.cli("XREVRANGE", LOG, "+", "-", "COUNT", "1");
		const [, milliseconds, token = ""] = /^(\d+)-\d+\n.*\n(.*)$/.exec(last) ?? [];
		const { v, room } = JSON.parse(fernet.decrypt(token).toString());
		const record = fernet.encrypt(JSON.stringify({ v, room, entries: [] }));
		const id = `${Number(milliseconds) + 1000 * seconds}-0`;
		const answer = await this.redis.cli("XADD", LOG, id, "e", record);
		if (answer !== id) throw new Error(answer);
	}

	/** The kinds of all changes that are in the log. */
	async changes(): Promise<string[]> {
		const tokens = (await this.redis.cli("XRANGE", LOG, "-", "+")).match(/^gAAAA.*$/gm) ?? [];
		const records = tokens.map((token) => JSON.parse(this.#fernet.decrypt(token).toString()));
		const entries: Entry[] = records.flatMap(({ entries }) => entries);
		return entries.flatMap(({ changes }) => changes.map(({ kind }) => kind));
	}

	get #fernet(): Fernet {
		return new Fernet(readFileSync(join(this.#parts.folder, KEY), "latin1"));
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
		await rm(this.#parts.folder, { recursive: true, force: true });
	}
}
