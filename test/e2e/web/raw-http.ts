import { connect, type Socket } from "node:net";

export interface Answer {
	readonly status: number;
	/** By name in lower case. */
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

/** Sends bytes as they are, and returns all that comes until the server closes the connection. */
export async function exchange(
	port: number,
	bytes: string,
	socket: Socket = connect(port, "127.0.0.1"),
): Promise<string> {
	let received = "";
	socket.setEncoding("latin1");
	socket.on("data", (text: string) => {
		received += text;
	});
	socket.on("error", () => {});
	socket.write(bytes);
	// Not `once` of node:events, which fails if the server resets the connection.
	await new Promise((resolve) => socket.on("close", resolve));
	return received;
}

export function parseAnswer(text: string): Answer {
	const [head = "", ...rest] = text.split("\r\n\r\n");
	const [first = "", ...lines] = head.split("\r\n");
	const headers = lines.map((line) => {
		const [, name = "", value = ""] = /^([^:]+): (.*)$/.exec(line) ?? [];
		return [name.toLowerCase(), value] as const;
	});
	const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
	return { status, headers: Object.fromEntries(headers), body: rest.join("\r\n\r\n") };
}

/** A request with just these headers; a name that is undefined is left out. */
export function request(
	path: string,
	headers: Readonly<Record<string, string | undefined>>,
	method = "GET",
): string {
	const lines = Object.entries({ ...headers, Connection: headers.Connection ?? "close" }).flatMap(
		([name, value]) => (value === undefined ? [] : [`${name}: ${value}\r\n`]),
	);
	return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** What a browser sends to open a WebSocket. */
export const UPGRADE = {
	Connection: "Upgrade",
	Upgrade: "websocket",
	"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
	"Sec-WebSocket-Version": "13",
};

/** Whether a server turned a connection into a WebSocket, else the answer. */
export async function opens(
	port: number,
	headers: Record<string, string | undefined>,
	path = "/socket",
) {
	const socket = connect(port, "127.0.0.1");
	const chunks: string[] = [];
	socket.setEncoding("latin1");
	socket.on("error", () => {});
	socket.write(request(path, { ...UPGRADE, ...headers }));
	for await (const chunk of socket) {
		chunks.push(chunk);
		if (chunks.join("").includes("\r\n\r\n")) break;
	}
	socket.destroy();
	return parseAnswer(chunks.join(""));
}
