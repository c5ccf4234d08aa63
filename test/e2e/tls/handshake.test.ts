import { beforeAll, expect, test } from "bun:test";
import { connect as connectClear, type Socket } from "node:net";
import { connect, type SecureVersion } from "node:tls";
import { Unauthenticated, usage } from "../../support/crowd.ts";
import { eventually } from "../../support/eventually.ts";
import { Pretender } from "./pretender.ts";
import { TlsStage } from "./tls-stage.ts";

// Connections that begin TLS and do not finish the handshake.

/** A ClientHello as the runtime sends one. */
let clientHello: Buffer;
beforeAll(async () => {
	await using pretender = await Pretender.open();
	const socket = connect({ port: pretender.port, host: "127.0.0.1", rejectUnauthorized: false });
	socket.on("error", () => {});
	await eventually("a ClientHello", () => pretender.heard.length > 100);
	clientHello = pretender.heard;
	socket.destroy();
});

const spoilt: [what: string, bytes: () => Uint8Array][] = [
	["one byte of a handshake", () => Buffer.of(0x16)],
	["half a ClientHello", () => clientHello.subarray(0, clientHello.length / 2)],
	["a ClientHello and no more", () => clientHello],
	["a ClientHello of another length", () => Buffer.concat([clientHello, clientHello])],
	["noise after the first byte", () => Buffer.concat([Buffer.of(0x16), noise(2000)])],
	["a record too long", () => Buffer.concat([Buffer.of(0x16, 3, 1, 0xff, 0xff), noise(70_000)])],
	["empty records", () => Buffer.from("1603010000".repeat(1000), "hex")],
	["a hello of ours behind it", () => Buffer.from("\x16\x03\x01FERNET-CHAT/1 0\n", "latin1")],
];

const noise = (size: number): Uint8Array => crypto.getRandomValues(new Uint8Array(size));

/** Sends these bytes, and keeps its side open until the server hangs up. */
function sayer(port: number, bytes: Uint8Array): { socket: Socket; gone: Promise<void> } {
	const socket = connectClear({ port, host: "127.0.0.1" });
	const { promise: gone, resolve } = Promise.withResolvers<void>();
	socket.on("close", () => resolve());
	socket.on("error", () => {});
	socket.resume();
	socket.write(bytes);
	return { socket, gone };
}

/** Checks that the server ends: if it still counted a connection, it would wait for it. */
async function ends({ stage: { server } }: TlsStage): Promise<void> {
	server.kill();
	expect(await server.exit()).toBe(0);
}

test("a connection that begins TLS and does not complete it is closed, and leaves nothing behind", async () => {
	await using tls = await TlsStage.program("--hello-time", "1");
	const ann = await tls.peer("ann");
	const { pid } = tls.stage.server;
	const { descriptors } = await usage(pid);
	const left = new Set<string>();
	for (const [what, bytes] of spoilt) {
		for (let i = 0; i < 10; i++) {
			const name = `${what} ${i}`;
			left.add(name);
			void sayer(tls.port, bytes()).gone.then(() => left.delete(name));
		}
	}
	const bob = await tls.peer("bob");
	await eventually(
		"all gone",
		() => left.size === 0,
		() => [...left].join("\n"),
	);
	await eventually("descriptors for bob alone", async () => {
		return (await usage(pid)).descriptors <= descriptors + 1;
	});
	ann.send({ type: "say", id: "1", text: "undisturbed" });
	for (const peer of [ann, bob]) await peer.waitFor("said");
	await ends(tls);
});

test("a connection that does not complete the handshake counts as one without a login, and makes way", async () => {
	await using tls = await TlsStage.open("--max-strangers", "4");
	const ann = await tls.member("ann");
	const halves = Array.from({ length: 4 }, () => sayer(tls.port, clientHello.subarray(0, 100)));
	const gone: number[] = [];
	halves.forEach(({ gone: isGone }, i) => void isGone.then(() => gone.push(i)));
	await using late = new Unauthenticated(tls.port, 2);
	await late.waitUntilConnected();
	await eventually("two gone", () => gone.length === 2);
	expect(gone).toEqual([0, 1]);
	ann.say("undisturbed");
	await ann.waitFor({ type: "said", text: "undisturbed" });
	await tls.member("bob");
	for (const { socket } of halves) socket.destroy();
	await ends(tls);
});

test("a connection that has to make way reads so inside TLS", async () => {
	await using tls = await TlsStage.open("--max-strangers", "1");
	const oldest = await tls.caller();
	await tls.member("ann");
	expect(await oldest.waitUntilClosed()).toMatch(/^FERNET-CHAT\/1 error lobby_full /);
});

/** The version of TLS negotiated with nothing newer than `maxVersion`, or null if none. */
function agreed(port: number, maxVersion: SecureVersion): Promise<string | null> {
	const { promise, resolve } = Promise.withResolvers<string | null>();
	const options = { port, host: "127.0.0.1", rejectUnauthorized: false, maxVersion };
	const socket = connect({ ...options, minVersion: "TLSv1" }, () => {
		resolve(socket.getProtocol());
		socket.destroy();
	});
	socket.on("error", () => resolve(null));
	socket.on("close", () => resolve(null));
	return promise;
}

test("nothing older than TLS 1.3 is spoken", async () => {
	await using tls = await TlsStage.open();
	for (const version of ["TLSv1", "TLSv1.1", "TLSv1.2"] as const) {
		expect(await agreed(tls.port, version)).toBeNull();
	}
	expect(await agreed(tls.port, "TLSv1.3")).toBe("TLSv1.3");
	await tls.stage.server.waitForOutput(/ dropped from 127\.0\.0\.1 no_tls: /);
	await ends(tls);
});

test("five hundred at once get through the handshake, and leave nothing behind", async () => {
	const flags = ["--max-strangers", "1000", "--max-per-address", "1000"];
	await using tls = await TlsStage.program(...flags);
	const { pid } = tls.stage.server;
	const { descriptors } = await usage(pid);
	const versions = Array.from({ length: 500 }, () => agreed(tls.port, "TLSv1.3"));
	expect(new Set(await Promise.all(versions))).toEqual(new Set(["TLSv1.3"]));
	await eventually("its descriptors back", async () => {
		return (await usage(pid)).descriptors <= descriptors;
	});
});
