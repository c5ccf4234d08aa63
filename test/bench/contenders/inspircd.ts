import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Member } from "../member.ts";
import { accepts, freePort } from "../port.ts";
import type { Read } from "../stream.ts";
import { MARK } from "../texts.ts";
import { type Contender, lastLine, lineReader } from "./contender.ts";

/** Where Debian installs it; only root has this folder in its search path. */
const PROGRAM = "/usr/sbin/inspircd";
const SPOKEN = "PRIVMSG #room :";

/** No look-ups, no flood limits, and buffers as large as the program accepts. */
const configOf = (port: number, folder: string): string => `
<server name="bench.localhost" description="bench" network="bench" id="0BN">
<bind address="127.0.0.1" port="${port}" type="clients">
<connect name="main" allow="*" timeout="600" pingfreq="24h" resolvehostnames="no" useident="no"
	threshold="4000000" commandrate="1000000000" fakelag="no"
	recvq="64M" softsendq="512M" hardsendq="1G" localmax="20000" globalmax="20000" limit="20000">
<performance netbuffersize="65534" somaxconn="4096" softlimit="20000" clonesonconnect="no">
<whowas groupsize="0" maxgroups="0">
<path configdir="${folder}" datadir="${folder}" logdir="${folder}" runtimedir="${folder}">
<module name="cap">
<module name="ircv3_echomessage">
`;

/** InspIRCd, as Debian packs it, in clear. */
export class InspIRCd implements Contender {
	readonly isEncrypted = false;
	/** With `echo-message` the server sends a sender the same as everybody else. */
	readonly isShared = true;
	readonly port: number;
	readonly #server: Bun.Subprocess;
	readonly #folder: string;

	private constructor(server: Bun.Subprocess, port: number, folder: string) {
		this.#server = server;
		this.port = port;
		this.#folder = folder;
	}

	static missing(): string | null {
		return Bun.which(PROGRAM) ? null : "apt-get install inspircd";
	}

	static async open(): Promise<InspIRCd> {
		const folder = await mkdtemp(join(tmpdir(), "fernet-chat-inspircd-"));
		const config = join(folder, "inspircd.conf");
		const port = freePort();
		await writeFile(config, configOf(port, folder));
		const flags = ["--nofork", "--nolog", "--nopid", "--config", config];
		if (process.getuid?.() === 0) flags.push("--runasroot");
		const server = Bun.spawn([PROGRAM, ...flags], { stdout: "ignore", stderr: "ignore" });
		const room = new InspIRCd(server, port, folder);
		await accepts(port);
		return room;
	}

	get pid(): number {
		return this.#server.pid;
	}

	async enter(member: Member, i: number): Promise<void> {
		member.write(Buffer.from("CAP REQ :echo-message\r\n"));
		member.write(Buffer.from(`NICK m${i}\r\nUSER m 0 * :m\r\nCAP END\r\n`));
		await member.hears(" 001 ");
		member.write(Buffer.from("JOIN #room\r\n"));
		await member.hears(" 366 ");
	}

	isMarked(tail: Buffer): boolean {
		return lastLine(tail)?.endsWith(`${SPOKEN}${MARK}\r`) ?? false;
	}

	say(_: number, text: string): Uint8Array {
		return Buffer.from(`${SPOKEN}${text}\r\n`, "latin1");
	}

	reader(): Read {
		return lineReader((line) => {
			const at = line.indexOf(` ${SPOKEN}`);
			if (at === -1) throw new Error(`not a message: ${line}`);
			return [line.slice(at + SPOKEN.length + 1, -1)];
		});
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.kill("SIGKILL");
		await this.#server.exited;
		await rm(this.#folder, { recursive: true });
	}
}
