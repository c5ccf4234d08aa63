import { EMAIL_VISIBILITIES, parseAccount, parseAllowEntry } from "../server/accounts/account.ts";
import { mapLimits } from "../server/limits/limits.ts";
import { LOG_FORMATS } from "../server/log/logger.ts";
import { GMAIL_URL, parseSmtpUrl, type SmtpServer } from "../server/mail/smtp-server.ts";
import { looksLikeUrl, parseRedisUrl, type RedisAddress } from "../server/redis/redis-address.ts";
import { emailField, titleField } from "../wire/messages/fields.ts";
import { LOGIN_METHODS } from "../wire/messages/login-methods.ts";
import { type Flags, HOST, PORT, sharedFlags, toggle } from "./flags.ts";
import { defaultState } from "./folders.ts";
import {
	integer,
	listOf,
	nonEmpty,
	oneOf,
	type Parser,
	parser,
	path,
	UsageError,
	valid,
} from "./parsers.ts";

// The flags of `bun server.ts`.

/** As a person types it elsewhere, an IPv6 address is in brackets. */
const host: Parser<string> = (text, name) =>
	nonEmpty("an address")(text, name).replace(/^\[(.+)\]$/, "$1");
const account = parser(emailField.expected, parseAccount);
const allowEntry = parser(`${emailField.expected}, or a domain like @school.edu`, parseAllowEntry);

/** Never repeats the text: people put passwords into such URLs. */
const smtpServer: Parser<SmtpServer> = (text, name) => {
	const server = parseSmtpUrl(text);
	if (server) return server;
	throw new UsageError(`${name} must be smtps://HOST[:PORT] or smtp://HOST[:PORT].`);
};

/** Never repeats a URL: some hold a password. */
const roomPlace: Parser<string | RedisAddress> = (text, name) => {
	if (!looksLikeUrl(text)) return path(text, name);
	const address = parseRedisUrl(text);
	if (address) return address;
	throw new UsageError(
		`${name} must be the path of a file, or redis[s]://[USER:PASSWORD@]HOST[:PORT][/DB].`,
	);
};

/** As browsers spell an origin, but for a slash at the end. */
const webOrigin = parser("https://HOST[:PORT], without a path", (text) => {
	const url = URL.parse(text);
	if (url?.protocol !== "https:") return null;
	const isBare = [url.username, url.password, url.search, url.hash].every((part) => part === "");
	return isBare && url.pathname === "/" && !/[?#]/.test(text) ? url.origin : null;
});

export const serverFlags = {
	host: {
		placeholder: "ADDRESS",
		default: HOST,
		help: "the address to listen on",
		parse: host,
	},
	port: {
		placeholder: "N",
		default: PORT,
		help: "the port to listen on; 0 takes a free one",
		parse: integer(0, 65_535),
	},
	tls: toggle("accept other devices over TLS 1.3; creates a certificate on first use"),
	tlsCert: {
		placeholder: "FILE",
		help: "the same with your own certificate (PEM)",
		parse: path,
	},
	tlsKey: { placeholder: "FILE", help: "its private key (PEM)", parse: path },
	public: {
		placeholder: "HOST[:PORT][#FINGERPRINT],…",
		help: "where members on other devices reach the room's servers, for the command that is printed",
		parse: nonEmpty("addresses"),
	},
	web: {
		placeholder: "PORT",
		help: "the port of a page for browsers; 0 takes a free one",
		parse: integer(0, 65_535),
	},
	webOrigin: {
		placeholder: "URL",
		help: "the page's https:// address, if a reverse proxy serves it",
		parse: webOrigin,
	},
	trustProxy: toggle("take a browser's IP address from the proxy's X-Forwarded-For"),
	state: {
		placeholder: "DIR",
		defaultFolder: defaultState,
		help: "where the ban list and certificate are kept ($XDG_STATE_HOME/fernet-chat or ~/.local/state/fernet-chat)",
		parse: path,
		isGuard: true,
	},
	smtp: {
		placeholder: "URL",
		default: GMAIL_URL,
		help: "the mail server that checks logins, smtps:// or smtp://HOST[:PORT]",
		parse: smtpServer,
		isGuard: true,
	},
	mailer: {
		placeholder: "URL",
		help: "the mail server that sends codes, as in --smtp; needs FERNET_CHAT_MAILER_USER and FERNET_CHAT_MAILER_PASSWORD",
		parse: smtpServer,
	},
	methods: {
		placeholder: "LIST",
		help: `how people can log in: ${LOGIN_METHODS.join()}; code needs --mailer (all that are possible)`,
		parse: listOf(oneOf(LOGIN_METHODS)),
		isGuard: true,
	},
	allow: {
		placeholder: "LIST",
		help: "who can join: mail addresses and @domains, separated by commas",
		parse: listOf(allowEntry),
		isGuard: true,
	},
	allowFile: {
		placeholder: "FILE",
		help: "the same from a file, one per line; reloaded when it changes",
		parse: path,
		isGuard: true,
	},
	stay: toggle("keep the room open after the last member leaves"),
	room: {
		placeholder: "PLACE",
		help: "keep the room in a file, so that it outlives the server, or at redis://HOST, so that many servers can share it",
		parse: roomPlace,
	},
	roomKey: {
		placeholder: "FILE",
		help: "the key of what is kept there (a file's path with .key)",
		parse: path,
	},
	history: {
		placeholder: "N",
		default: "0",
		help: "the events before they joined that newcomers can read, 0 to 1000000",
		parse: integer(0, 1_000_000),
	},
	addresses: {
		placeholder: EMAIL_VISIBILITIES.join("|"),
		default: "masked",
		help: "what members see of each other's addresses",
		parse: oneOf(EMAIL_VISIBILITIES),
		isGuard: true,
	},
	log: {
		placeholder: LOG_FORMATS.join("|"),
		default: "text",
		help: "the format of the log on stderr",
		parse: oneOf(LOG_FORMATS),
	},
	owner: {
		placeholder: "ADDRESS[,ADDRESS…]",
		help: "the accounts that own the room",
		parse: listOf(account),
		isGuard: true,
	},
	title: { placeholder: "TEXT", help: "the room's title", parse: valid(titleField) },
	motd: {
		placeholder: "FILE",
		help: "a file whose text everybody reads on joining (message of the day)",
		parse: path,
	},
	...mapLimits(({ min, max, help, ...limit }) => ({
		placeholder: "N",
		default: String(limit.default),
		help: `${help}, ${min} to ${max}`,
		parse: integer(min, max),
	})),
	...sharedFlags,
} satisfies Flags;
