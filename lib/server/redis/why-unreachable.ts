import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { systemErrorCode, systemReason } from "../../util/errors.ts";
import { formatHostPort } from "../../util/host-port.ts";
import { formatRedisUrl, type RedisAddress } from "./redis-address.ts";
import { replyText } from "./reply-text.ts";

/** Milliseconds that a server may take to say why it does not let us in. */
const TIME = 3000;

/** Finds out why Bun's client, which does not say, could not connect. Returns one or two sentences. */
export async function whyUnreachable(address: RedisAddress): Promise<string> {
	const { host, port, tls, database } = address;
	const place = formatHostPort({ host, port });
	try {
		const answers = await ask(address);
		const why = answers.map((answer) => explained(answer, database)).find(Boolean);
		return why ?? (answers.includes("+OK") ? WAS_SLOW : notRedis(address));
	} catch (error) {
		const code = String(systemErrorCode(error));
		if (["ENOTFOUND", "EAI_AGAIN"].includes(code)) return `Cannot find "${host}".`;
		if (code === "ECONNREFUSED") return `Nothing listens at ${place}.`;
		if (code === "ETIMEDOUT") {
			return `${place} does not answer.${tls ? " If it speaks no TLS, write redis://." : ""}`;
		}
		if (!tls)
			return `${place} hangs up: ${systemReason(error)}. If it expects TLS, write rediss://.`;
		return `${place} offers no TLS that can be trusted: ${systemReason(error)}.`;
	}
}

function explained(answer: string, database: number): string | null {
	if (/^-NOAUTH/.test(answer)) {
		return "It asks for a password. Set FERNET_CHAT_ROOM to redis://:PASSWORD@HOST, so that the list of processes does not show it.";
	}
	if (/^-WRONGPASS|^-ERR (invalid|AUTH|Client sent AUTH)/.test(answer)) {
		return "It does not accept this user and password.";
	}
	if (/^-ERR DB index/.test(answer)) return `It has no database ${database}.`;
	return answer.startsWith("-") ? `It says: ${replyText(answer.slice(1))}` : null;
}

const WAS_SLOW = "It answers now, but was too slow before, or ended the connection.";
const notRedis = (address: RedisAddress): string =>
	`What answers there is not Redis, or ended the connection. Check ${formatRedisUrl(address)}.`;

/** Logs in as the client does, and returns the answers. Throws the system's error. */
function ask({ host, port, tls, user, password, database }: RedisAddress): Promise<string[]> {
	const login = password === "" ? [] : [["AUTH", ...(user === "" ? [] : [user]), password]];
	const commands = [...login, ["SELECT", String(database)], ["QUIT"]];
	const { promise, resolve, reject } = Promise.withResolvers<string[]>();
	const socket: Socket = tls
		? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }) })
		: connectTcp({ host, port });
	let heard = "";
	// The socket's own time-out does not run during a handshake, and a plain Redis answers none.
	const timer = setTimeout(() => {
		reject(Object.assign(new Error(), { code: "ETIMEDOUT" }));
		socket.destroy();
	}, TIME);
	socket.on("error", reject);
	socket.on("data", (bytes) => {
		heard += bytes.toString("latin1");
		if (heard.length > 1024) socket.destroy();
	});
	socket.on("close", () => resolve(heard.split("\r\n")));
	socket.write(commands.map(encode).join(""));
	return promise.finally(() => clearTimeout(timer));
}

const encode = (words: readonly string[]): string =>
	`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
