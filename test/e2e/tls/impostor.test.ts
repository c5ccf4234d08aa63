import { expect, test } from "bun:test";
import { Authority, ELSEWHERE, fingerprintOf, selfSigned } from "../../support/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { handshake } from "./impostor.ts";
import { Pretender } from "./pretender.ts";
import { TlsStage } from "./tls-stage.ts";

// A certificate is no secret: an impostor can show a copy, but not sign with its key.

const authority = await Authority.open();
const identity = await authority.vouch(ELSEWHERE);
const { key: another } = await selfSigned(ELSEWHERE);

/** Counts the bytes in application data records, which carry everything encrypted. */
function encrypted(bytes: Buffer): number {
	let sum = 0;
	for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) {
		if (bytes[at] === 23) sum += bytes.readUInt16BE(at + 3);
	}
	return sum;
}

/** An encrypted Finished: 4 bytes of header, 32 of content, 1 of type and 16 of tag. */
const FINISHED = 53;

test("an impostor with the server's certificate but not its key receives nothing", async () => {
	await using tls = await TlsStage.certified(identity);
	const ways = (port: number) => [
		[`${ELSEWHERE}:${port}`, { trusting: authority }] as const,
		[`${ELSEWHERE}:${port}#${fingerprintOf(identity)}`, {}] as const,
	];
	await using impostor = await Pretender.open({
		answer: (hello) => handshake(hello, { ...identity, key: another }),
	});
	for (const [address, device] of ways(impostor.port)) {
		const bot = await tls.bot("ann", address, device);
		expect(await bot.exit()).toBe(3);
		expect(bot.lines).toMatchObject([{ type: "closed", reason: "no_tls" }]);
	}
	await impostor.waitUntilLeft();
	expect(encrypted(impostor.heard)).toBeLessThan(FINISHED);

	// With the key, the same handshake is genuine, so the client sends its hello.
	for (const [i] of ways(0).entries()) {
		await using server = await Pretender.open({ answer: (hello) => handshake(hello, identity) });
		const [address, device] = ways(server.port)[i] ?? [];
		await tls.bot(`bob${i}`, address, device);
		await eventually("a hello", () => encrypted(server.heard) > FINISHED + 32);
	}
});
