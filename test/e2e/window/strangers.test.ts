import { afterAll, describe, expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { Stage } from "../../support/programs.ts";
import { exchange, opens, parseAnswer, request } from "../web/raw-http.ts";
import { WindowClient } from "./window-client.ts";

// What another user of the machine and another site's page get from a client's window: nothing but
// the page's files, which everybody has.

const stage = await Stage.local();
afterAll(() => stage[Symbol.asyncDispose]());
const { port, secret, link, client } = await WindowClient.open(stage);
const { host, origin } = link;
const own = { Host: host, Origin: origin, "Sec-WebSocket-Protocol": secret };

const ask = async (path: string, headers: Record<string, string | undefined>, method = "GET") =>
	parseAnswer(await exchange(port, request(path, headers, method)));

const SOCKETS = ["/control", "/room?1"];

describe.each(SOCKETS)("at %s", (path) => {
	const secrets: [what: string, secret: string | undefined][] = [
		["no secret", undefined],
		["an empty one", ""],
		["another one", "A".repeat(43)],
		["a part of it", secret.slice(1)],
		["more than it", `${secret}A`],
		["it among others", `${"A".repeat(43)}, ${secret}`],
		["it in another case", secret.toLowerCase()],
	];

	test.each(secrets)("with %s, no WebSocket is opened", async (_, given) => {
		const answer = await opens(port, { ...own, "Sec-WebSocket-Protocol": given }, path);
		expect([answer.status, answer.body]).toEqual([
			403,
			"Only the page in this window can use this.\n",
		]);
	});

	const origins: [what: string, from: string | undefined][] = [
		["none", undefined],
		["one that hides itself", "null"],
		["another site's", "https://evil.test"],
		["another port's", `http://127.0.0.1:${stage.port}`],
		["https", `https://${host}`],
		["another name of ours", `http://localhost:${port}`],
		["a longer one", `${origin}.evil.test`],
	];

	test.each(origins)("with %s for an Origin, not even the secret opens one", async (_, from) => {
		expect((await opens(port, { ...own, Origin: from }, path)).status).toBe(403);
	});

	const hosts = ["evil.test", `evil.test:${port}`, "127.0.0.1", `127.0.0.2:${port}`, "", "a b"];

	test.each(hosts)("under the name %j, not even the secret opens one", async (name) => {
		for (const from of [origin, `http://${name}`]) {
			const answer = await opens(port, { ...own, Host: name, Origin: from }, path);
			expect(answer.status).toBeWithin(400, 500);
		}
	});

	test("what does not ask for a WebSocket gets none", async () => {
		const headers = { Host: host, Origin: origin, "Sec-WebSocket-Protocol": secret };
		expect((await ask(path, headers)).status).toBe(426);
	});
});

test("the page's files are the same for everybody, and tell no secret", async () => {
	const page = await ask("/window", { Host: host });
	expect(page.status).toBe(200);
	expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
	const [, script = ""] = /src="\.(\/[^"]+\.js)"/.exec(page.body) ?? [];
	const code = await ask(script, { Host: host });
	expect([code.status, code.headers["content-type"]]).toEqual([
		200,
		"text/javascript;charset=utf-8",
	]);
	for (const { body, headers } of [page, code]) {
		expect(`${JSON.stringify(headers)}${body}`).not.toContain(secret);
	}
});

test("nothing else is there, and nothing can be changed", async () => {
	for (const path of ["/", "/socket", "/keys", "/../package.json", `/${secret}`]) {
		const answer = await ask(path, { Host: host });
		expect([path, answer.status]).toEqual([path, 404]);
	}
	for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
		expect((await ask("/window", { Host: host }, method)).status).toBe(405);
	}
});

test("under another name, and for another site's page, not even the files are there", async () => {
	for (const path of ["/window", "/icon.svg"]) {
		expect((await ask(path, { Host: `evil.test:${port}` })).status).toBe(421);
		const headers = { Host: host, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors" };
		expect((await ask(path, headers)).status).toBe(403);
	}
});

test("what is no request is refused in a sentence, and the client says nothing of it", async () => {
	for (const target of ["http://[", "http://:", "//[", `http://${"a".repeat(300)}:99999999`]) {
		const answer = parseAnswer(await exchange(port, request(target, { Host: host })));
		expect(answer.status).toBeWithin(400, 500);
	}
	expect(client.out.split("\n")).toHaveLength(3);
	expect(client.err).toBe("");
});

interface Opened {
	readonly socket: WebSocket;
	readonly messages: string[];
	/** The code with which it was closed, if it was. */
	code?: number;
}

/** A WebSocket of a page that knows the secret; its messages as they come. */
function pageSocket(path: string): Opened {
	const url = `ws://${host}${path}`;
	const headers = { Origin: origin };
	// The runtime takes more than a browser's constructor does.
	const socket = new WebSocket(url, { protocols: [secret], headers } as unknown as string[]);
	const opened: Opened = { socket, messages: [] };
	socket.addEventListener("message", ({ data }) => opened.messages.push(String(data)));
	socket.addEventListener("close", ({ code }) => {
		opened.code = code;
	});
	return opened;
}

const closed = (opened: Opened): Promise<number> => eventually("its end", () => opened.code);

test("a second page is told that there is one, and the first notices nothing of it", async () => {
	const first = pageSocket("/control");
	await eventually("the beginning", () => first.messages[0]);
	expect(JSON.parse(first.messages[0] ?? "")).toMatchObject({ type: "begin" });
	for (const _ of [1, 2]) {
		const second = pageSocket("/control");
		expect(await closed(second)).toBe(4001);
		expect(second.messages).toEqual([]);
	}
	expect(first.socket.readyState).toBe(WebSocket.OPEN);
	// A connection to the room belongs to an attempt that the client has begun for the one page.
	const room = pageSocket("/room?7");
	room.socket.addEventListener("open", () => room.socket.send(`FERNET-CHAT/1 ${"0".repeat(32)} x`));
	await closed(room);
	expect(room.messages.map((each) => JSON.parse(each).code)).toEqual(["server_lost"]);
	// What is no message of a page's ends it.
	first.socket.send(JSON.stringify({ type: "keep", file: "servers.json", changes: {} }));
	await closed(first);
	client.kill();
	expect(await client.exit()).toBe(0);
	expect(client.out).toContain("You did not log in.");
});
