import type { Clocks } from "../util/clock.ts";
import type { LoginMethod } from "../wire/messages/login-methods.ts";
import type { EmailVisibility } from "./accounts/account.ts";
import type { Limits } from "./limits/limits.ts";
import type { FullCode } from "./limits/open-files.ts";
import type { Logger } from "./log/logger.ts";
import type { CodeMailer } from "./mail/code-mailer.ts";
import type { SmtpServer } from "./mail/smtp-server.ts";
import type { RedisAddress } from "./redis/redis-address.ts";
import type { Certificate } from "./tls/certificate.ts";
import type { WebOptions } from "./web/web-options.ts";

/** A file, or a Redis server that other servers of the room share. `key` is the path of its key. */
export type RoomPlace =
	| { readonly file: string; readonly key: string }
	| { readonly redis: RedisAddress; readonly key: string };

export interface ServerOptions {
	readonly host: string;
	/** 0 lets the system choose. */
	readonly port: number;
	/** Path of the keys folder. */
	readonly keys: string;
	/** For connections over TLS; undefined for no TLS. */
	readonly certificate: Certificate | undefined;
	/** Null for no page. */
	readonly web: WebOptions | null;
	readonly smtp: SmtpServer;
	/** The guest list: entries as `parseAllowEntry` returns them, and the path of a file of more. */
	readonly allow: { readonly entries?: readonly string[]; readonly file?: string };
	/** The login methods that the server accepts. */
	readonly methods: readonly LoginMethod[];
	/** Null if `code` is not among the methods. */
	readonly mailer: CodeMailer | null;
	/** Keep the room open after the last member has left. */
	readonly stay: boolean;
	/** How many of the events before they joined newcomers can read. */
	readonly history: number;
	/** What keeps the room; null for one that ends with its server. */
	readonly room: RoomPlace | null;
	readonly limits: Limits;
	/** What is said to anyone beyond the limit on members. */
	readonly fullCode: FullCode;
	readonly emailVisibility: EmailVisibility;
	/** Canonical accounts of the room's owners. */
	readonly owners: ReadonlySet<string>;
	/** Path of the folder for what outlives the server. */
	readonly state: string;
	readonly title: string | undefined;
	/** Path of the message of the day. */
	readonly motd: string | undefined;
	readonly clocks: Clocks;
	/** The operator's log. */
	readonly logger: Logger;
}
