import { once } from "node:events";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import type { Authority, Identity } from "../../support/certificates.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Bot, Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";

/** What a client finds on its device, beside the address it is given. */
interface Device {
	/** Whose word its system takes. */
	readonly trusting?: Authority;
	/** Where it remembers what it was told; a folder of its own by default. */
	readonly home?: string;
}

const INVITATION = /bun client\.ts '(\S+)'\n/;

/** A room that other devices may join, and a folder for all that its programs keep. */
export class TlsStage implements AsyncDisposable {
	private constructor(
		readonly folder: string,
		readonly stage: Stage,
	) {}

	/** With a certificate that the server makes for itself. */
	static async open(...flags: string[]): Promise<TlsStage> {
		const folder = await temporary();
		const state = join(folder, "state");
		return TlsStage.#open(folder, ["--tls", "--state", state, ...flags]);
	}

	/** With a certificate of the owner's. */
	static async certified(identity: Identity, ...flags: string[]): Promise<TlsStage> {
		const folder = await temporary();
		const [cert, key] = await save(folder, identity);
		return TlsStage.#open(folder, ["--tls-cert", cert, "--tls-key", key, ...flags]);
	}

	static async #open(folder: string, flags: string[]): Promise<TlsStage> {
		const tls = new TlsStage(folder, await Stage.open(...flags));
		await tls.stage.server.waitForOutput(INVITATION);
		return tls;
	}

	get port(): number {
		return this.stage.port;
	}

	/** What the server says that other devices' members type. */
	get invitation(): string {
		return INVITATION.exec(this.stage.server.out)?.[1] ?? "";
	}

	get fingerprint(): string {
		return this.invitation.split("#")[1] ?? "";
	}

	/** Replaces the owner's certificate as a renewal does: whole, under the same names. */
	async renew(identity: Identity): Promise<void> {
		await save(this.folder, identity);
	}

	/** A bot on another device: no keys folder is shared with it. */
	async bot(name: string, address = this.invitation, device: Device = {}): Promise<Bot> {
		const who = ["--name", name, "--email", `${name}@gmail.com`];
		const args = [address, "--json", "--keys", join(this.folder, `${name}-keys`), ...who];
		const env = { FERNET_CHAT_PASSWORD: PASSWORD, ...(await this.#environment(name, device)) };
		return this.stage.tidy(new Bot("client.ts", args, env));
	}

	/** A bot that has been let in. */
	async member(name: string, address?: string, device?: Device): Promise<Bot> {
		const bot = await this.bot(name, address, device);
		await bot.waitFor({ type: "welcome" });
		return bot;
	}

	/** A person at a terminal on another device. */
	async person(name: string, address: string, flags: string[], device: Device): Promise<Screen> {
		const args = [address, "--keys", join(this.folder, `${name}-keys`), "--name", name];
		const email = ["--email", `${name}@gmail.com`];
		const env = await this.#environment(name, device);
		const size = { cols: 240, rows: 60 };
		return this.stage.tidy(
			new Screen("client.ts", [...args, ...email, ...flags], { env, ...size }),
		);
	}

	/** What a device of this name has on its disk. */
	home(name: string): string {
		return join(this.folder, `${name}-home`);
	}

	async #environment(name: string, { trusting, home = this.home(name) }: Device) {
		const env = { XDG_CONFIG_HOME: home };
		if (!trusting) return env;
		const file = join(this.folder, `${name}-trusts.pem`);
		await writeFile(file, trusting.identity.cert);
		return { ...env, NODE_EXTRA_CA_CERTS: file };
	}

	/** A client by hand, its handshake done, that has said nothing yet. */
	async caller(): Promise<Peer> {
		const { port } = this;
		const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
		const peer = this.stage.tidy(new Peer(port, socket));
		await once(socket, "secureConnect");
		return peer;
	}

	/** One that has said hello, its key on the line. */
	async greeting(): Promise<Peer> {
		const peer = await this.caller();
		peer.line(`FERNET-CHAT/1 ${peer.id} ${peer.key}`);
		return peer;
	}

	/** One that has been let in. */
	async peer(name: string): Promise<Peer> {
		const peer = await this.greeting();
		peer.send({ type: "login", name, email: `${name}@gmail.com`, password: PASSWORD });
		await peer.waitFor("welcome");
		return peer;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stage[Symbol.asyncDispose]();
		await rm(this.folder, { recursive: true, force: true });
	}
}

const temporary = (): Promise<string> => mkdtemp(join(tmpdir(), "fernet-chat-tls-"));

/** Writes both files, each at once. */
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
