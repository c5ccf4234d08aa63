import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BanList } from "../../../../lib/server/accounts/ban-list.ts";
import { Authenticator } from "../../../../lib/server/auth/authenticator.ts";
import { GmailVerifier } from "../../../../lib/server/auth/gmail-verifier.ts";
import type { Limits } from "../../../../lib/server/limits/limits.ts";
import type { CodeMailer } from "../../../../lib/server/mail/code-mailer.ts";
import { parseRedisUrl } from "../../../../lib/server/redis/redis-address.ts";
import { openRedisStores } from "../../../../lib/server/redis-stores.ts";
import { LogKeyFile } from "../../../../lib/server/room-log/log-key.ts";
import type { Stores } from "../../../../lib/server/stores.ts";
import { generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { LOGIN_METHODS } from "../../../../lib/wire/messages/login-methods.ts";
import type { Login } from "../../../../lib/wire/messages/messages.ts";
import { DEFAULTS } from "../../../support/defaults.ts";
import type { Redis } from "../../../support/redis.ts";

interface ServerOptions {
	readonly mailer?: CodeMailer | null;
	readonly limits?: Partial<Limits>;
	/** The folder for what outlives the server: another's, to be that one started again. */
	readonly state?: string;
}

/** Several servers of one room, as far as logins are concerned: they share a Redis, and nothing else. */
export class SharedServers implements Disposable {
	readonly folder = mkdtempSync(join(tmpdir(), "fernet-chat-shared-"));
	readonly warnings: string[] = [];
	readonly #redis: Redis;
	readonly #opened = new DisposableStack();
	#count = 0;

	constructor(redis: Redis) {
		this.#redis = redis;
	}

	start({ mailer = null, limits: changed, state }: ServerOptions = {}) {
		const limits = { ...DEFAULTS, ...changed };
		const folder = state ?? join(this.folder, `state${++this.#count}`);
		const warn = (sentence: string) => void this.warnings.push(sentence);
		const address = parseRedisUrl(this.#redis.url);
		if (!address) throw new Error(`not Redis: ${this.#redis.url}`);
		const room = { redis: address, key: join(this.folder, "room.key") };
		const keyFile = new LogKeyFile(room.key);
		if (keyFile.read() === null) keyFile.create(generateKey());
		const bans = new BanList(folder, warn);
		const stores = this.#opened.use(openRedisStores({ room, bans, limits, state: folder, warn }));
		return new SharedServer(stores, { limits, mailer, state: folder });
	}

	[Symbol.dispose](): void {
		this.#opened.dispose();
		rmSync(this.folder, { recursive: true });
	}
}

/** Nobody listens where passwords are checked: `gmail_unreachable` says that it was tried. */
class SharedServer {
	readonly stores: Stores;
	readonly state: string;
	readonly authenticator: Authenticator;
	/** Monotonic milliseconds: this server's own. */
	now = Math.random() * 1e9;

	constructor(
		stores: Stores,
		options: { limits: Limits; mailer: CodeMailer | null; state: string },
	) {
		const { limits, mailer } = options;
		const { bans, devices, logins: store } = stores;
		this.stores = stores;
		this.state = options.state;
		this.authenticator = new Authenticator({
			verifier: new GmailVerifier({ host: "127.0.0.1", port: 1, secure: false }, limits),
			...{ allow: null, methods: LOGIN_METHODS, owners: new Set<string>(), now: () => this.now },
			...{ bans, devices, limits, mailer, store },
		});
	}

	/** The ticket, or the code of a denial. */
	async requestCode(email: string, ip: string): Promise<string> {
		const result = await this.authenticator.requestCode(email, ip);
		return result.accepted ? result.ticket : result.code;
	}

	/** "accepted", the next secret of a device, or the code of a denial. */
	async logIn(email: string, ip: string, proof: object): Promise<string> {
		const login = { type: "login", name: "x", email, ...proof } as Login;
		const result = await this.authenticator.authenticate(login, ip, new AbortController().signal);
		if (!result.accepted) return result.code;
		const grant = await result.grantDevice?.();
		if (grant && "code" in grant) return grant.code;
		return grant?.secret ?? "accepted";
	}
}
