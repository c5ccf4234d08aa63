import { once } from "node:events";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import type { Authority, Identity } from "../../support/certificates.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { certificate } from "../../support/mailbox-certificate.ts";
import { Peer } from "../../support/peer.ts";
import { Bot, Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";
import type { WallClock } from "../../support/wall-clock.ts";

/** What a client finds on its device. */
interface Device {
	/** The certificate authority that its system trusts. */
	readonly trusting?: Authority;
	/** Where the client remembers servers; a folder of its own by default. */
	readonly home?: string;
	/** Its wall clock, if that is not the real one. */
	readonly clock?: WallClock;
}

const INVITATION = /bun client\.ts '?([^'\s]+)'?\n/;

/**
 * A room that other devices can join, and a folder for the files of all programs. Its server runs
 * in the test's process, unless it is a `program`.
 */
export class TlsStage implements AsyncDisposable {
	private constructor(
		readonly folder: string,
		readonly stage: Stage,
	) {}

	/** Opens a room with a certificate that the server makes for itself. */
	static async selfSigning(...flags: string[]): Promise<TlsStage> {
		const folder = await temporary();
		return TlsStage.#open(folder, Stage.local, [
			"--tls",
			"--state",
			join(folder, "state"),
			...flags,
		]);
	}

	/** The same, but the certificate is there already, as if from an earlier start: that is faster. */
	static open(...flags: string[]): Promise<TlsStage> {
		return TlsStage.#certifiedBefore(Stage.local, flags);
	}

	/** The same, with a server whose process a test measures. */
	static program(...flags: string[]): Promise<TlsStage> {
		return TlsStage.#certifiedBefore(Stage.open, flags);
	}

	static async #certifiedBefore(open: typeof Stage.open, flags: string[]): Promise<TlsStage> {
		const folder = await temporary();
		const state = join(folder, "state");
		await mkdir(state, { mode: 0o700 });
		const { cert, private: key } = await certificate();
		await writeFile(join(state, "server.pem"), `${key}${cert}`, { mode: 0o600 });
		return TlsStage.#open(folder, open, ["--tls", "--state", state, ...flags]);
	}

	/** Opens a room with the operator's certificate. */
	static async certified(identity: Identity, ...flags: string[]): Promise<TlsStage> {
		const folder = await temporary();
		const [cert, key] = await save(folder, identity);
		return TlsStage.#open(folder, Stage.local, ["--tls-cert", cert, "--tls-key", key, ...flags]);
	}

	static async #open(folder: string, open: typeof Stage.open, flags: string[]): Promise<TlsStage> {
		const tls = new TlsStage(folder, await open(...flags));
		await tls.stage.server.waitForOutput(INVITATION);
		return tls;
	}

	get port(): number {
		return this.stage.port;
	}

	/** The address that the server prints for members on other devices. */
	get invitation(): string {
		return INVITATION.exec(this.stage.server.out)?.[1] ?? "";
	}

	get fingerprint(): string {
		return this.invitation.split("#")[1] ?? "";
	}

	/** Replaces the operator's certificate as a renewal does: atomically, same file names. */
	async renew(identity: Identity): Promise<void> {
		await save(this.folder, identity);
	}

	/** A bot on another device: no keys folder is shared with it. */
	async bot(name: string, address = this.invitation, device: Device = {}): Promise<Bot> {
		const who = ["--name", name, "--email", addressOf(name)];
		const args = [address, "--keys", join(this.folder, `${name}-keys`), ...who];
		const env = { FERNET_CHAT_PASSWORD: PASSWORD, ...(await this.#environment(name, device)) };
		// A process reads the authorities that it trusts when it starts.
		return this.stage.tidy(device.trusting ? Bot.program(args, env) : Bot.local(args, env));
	}

	/** A bot in the room. */
	async member(name: string, address?: string, device?: Device): Promise<Bot> {
		const bot = await this.bot(name, address, device);
		await bot.waitFor({ type: "welcome" });
		return bot;
	}

	/** A person at a terminal on another device; `isProgram`: a test is going to stop the client. */
	async person(
		name: string,
		address: string,
		flags: string[],
		device: Device,
		isProgram = false,
	): Promise<Screen> {
		const args = [address, "--keys", join(this.folder, `${name}-keys`), "--name", name];
		const email = ["--email", addressOf(name)];
		const env = await this.#environment(name, device);
		// As for a bot; and a clock is a process's own, too.
		const isLocal = !isProgram && !device.trusting && !device.clock;
		const setting = { env, cols: 240, rows: 60, isLocal };
		return this.stage.tidy(new Screen("client.ts", [...args, ...email, ...flags], setting));
	}

	/** The folder of the device with this name. */
	home(name: string): string {
		return join(this.folder, `${name}-home`);
	}

	async #environment(name: string, { trusting, home = this.home(name), clock }: Device) {
		const env = { XDG_CONFIG_HOME: home, ...clock?.env };
		if (!trusting) return env;
		const file = join(this.folder, `${name}-trusts.pem`);
		await writeFile(file, trusting.identity.cert);
		return { ...env, NODE_EXTRA_CA_CERTS: file };
	}

	/** A client by hand that has finished its handshake and sent nothing yet. */
	async caller(): Promise<Peer> {
		const { port } = this;
		const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
		const peer = this.stage.tidy(new Peer(port, socket));
		await once(socket, "secureConnect");
		return peer;
	}

	/** A client by hand that has sent its hello, with its key on that line. */
	async greeting(): Promise<Peer> {
		const peer = await this.caller();
		peer.line(`FERNET-CHAT/1 ${peer.id} ${peer.key}`);
		return peer;
	}

	/** A client by hand that is in the room. */
	async peer(name: string): Promise<Peer> {
		const peer = await this.greeting();
		peer.send({ type: "login", name, email: addressOf(name), password: PASSWORD });
		await peer.waitFor("welcome");
		return peer;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stage[Symbol.asyncDispose]();
		await rm(this.folder, { recursive: true, force: true });
	}
}

const temporary = (): Promise<string> => mkdtemp(join(tmpdir(), "fernet-chat-tls-"));

/** Writes both files, each atomically. */
export async function save(folder: string, { cert, key }: Identity): Promise<[string, string]> {
	const files = [join(folder, "cert.pem"), join(folder, "key.pem")] as const;
	for (const [file, text] of [
		[files[0], cert],
		[files[1], key],
	] as const) {
		await writeFile(`${file}.new`, text, { mode: 0o600 });
		await rename(`${file}.new`, file);
	}
	return [...files];
}
