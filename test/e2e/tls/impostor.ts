import {
	createCipheriv,
	createHash,
	createHmac,
	createPublicKey,
	diffieHellman,
	generateKeyPairSync,
	randomBytes,
	sign,
	X509Certificate,
} from "node:crypto";

// The server's half of a TLS 1.3 handshake (RFC 8446), for an impostor with a copied
// certificate: no library signs with a key that does not belong to the certificate.

const AES_128_GCM_SHA256 = 0x1301;
const X25519 = 0x001d;
const ECDSA_P256_SHA256 = 0x0403;
/** The DER prefix of an X25519 key, before its 32 bytes. */
const X25519_DER = Buffer.from("302a300506032b656e032100", "hex");

const u8 = (value: number): Buffer => Buffer.of(value);
const u16 = (value: number): Buffer => Buffer.of(value >> 8, value & 0xff);
const u24 = (value: number): Buffer => Buffer.concat([u8(value >> 16), u16(value & 0xffff)]);
const hash = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();
const hmac = (key: Uint8Array, bytes: Uint8Array): Buffer =>
	createHmac("sha256", key).update(bytes).digest();

const message = (type: number, body: Buffer): Buffer =>
	Buffer.concat([u8(type), u24(body.length), body]);
const extension = (type: number, body: Buffer): Buffer =>
	Buffer.concat([u16(type), u16(body.length), body]);
const record = (type: number, body: Buffer): Buffer =>
	Buffer.concat([u8(type), u16(0x0303), u16(body.length), body]);

/** HKDF-Expand-Label, for at most one block. */
function label(secret: Buffer, name: string, context: Buffer, size: number): Buffer {
	const full = Buffer.from(`tls13 ${name}`);
	const parts = [u16(size), u8(full.length), full, u8(context.length), context, u8(1)];
	return hmac(secret, Buffer.concat(parts)).subarray(0, size);
}

/** Answers a ClientHello in one record with everything up to the server's Finished. */
export function handshake(
	helloRecord: Buffer,
	{ cert, key }: { cert: string; key: string },
): Buffer {
	const clientHello = helloRecord.subarray(5);
	const { sessionId, share } = readClientHello(clientHello);
	const pair = generateKeyPairSync("x25519");
	const serverHello = sayHello(sessionId, pair.publicKey.export({ type: "spki", format: "der" }));
	const theirs = { key: Buffer.concat([X25519_DER, share]), format: "der", type: "spki" } as const;
	const shared = diffieHellman({
		privateKey: pair.privateKey,
		publicKey: createPublicKey(theirs),
	});
	const nothing = Buffer.alloc(32);
	const derived = label(hmac(nothing, nothing), "derived", hash(Buffer.alloc(0)), 32);
	let said = Buffer.concat([clientHello, serverHello]);
	const secret = label(hmac(derived, shared), "s hs traffic", hash(said), 32);

	const extensions = message(8, u16(0));
	const der = Buffer.from(new X509Certificate(cert).raw);
	const entry = Buffer.concat([u24(der.length), der, u16(0)]);
	const certificate = message(11, Buffer.concat([u8(0), u24(entry.length), entry]));
	said = Buffer.concat([said, extensions, certificate]);
	const signed = `${" ".repeat(64)}TLS 1.3, server CertificateVerify\0`;
	const signature = sign("sha256", Buffer.concat([Buffer.from(signed), hash(said)]), key);
	const proof = Buffer.concat([u16(ECDSA_P256_SHA256), u16(signature.length), signature]);
	const verify = message(15, proof);
	said = Buffer.concat([said, verify]);
	const finished = message(20, hmac(label(secret, "finished", Buffer.alloc(0), 32), hash(said)));

	const flight = Buffer.concat([extensions, certificate, verify, finished]);
	return Buffer.concat([record(22, serverHello), seal(secret, flight)]);
}

function readClientHello(hello: Buffer): { sessionId: Buffer; share: Buffer } {
	let at = 4 + 2 + 32;
	const take = (width: 1 | 2): Buffer => {
		const size = hello.readUIntBE(at, width);
		at += width + size;
		return hello.subarray(at - size, at);
	};
	const sessionId = take(1);
	take(2);
	take(1);
	// The extensions: two bytes of length, then type and body of each.
	for (at += 2; at < hello.length; ) {
		const type = hello.readUInt16BE(at);
		at += 2;
		const body = take(2);
		if (type !== 51) continue;
		for (let i = 2; i < body.length; i += 4 + body.readUInt16BE(i + 2)) {
			if (body.readUInt16BE(i) === X25519)
				return { sessionId, share: body.subarray(i + 4, i + 36) };
		}
	}
	throw new Error("a ClientHello without X25519");
}

function sayHello(sessionId: Buffer, publicKey: Buffer): Buffer {
	const share = Buffer.concat([u16(X25519), u16(32), publicKey.subarray(-32)]);
	const extensions = Buffer.concat([extension(43, u16(0x0304)), extension(51, share)]);
	const chosen = Buffer.concat([u16(AES_128_GCM_SHA256), u8(0)]);
	const parts = [u16(0x0303), randomBytes(32), u8(sessionId.length), sessionId, chosen];
	return message(2, Buffer.concat([...parts, u16(extensions.length), extensions]));
}

/** The first encrypted record. */
function seal(secret: Buffer, body: Buffer): Buffer {
	const none = Buffer.alloc(0);
	const key = label(secret, "key", none, 16);
	const cipher = createCipheriv("aes-128-gcm", key, label(secret, "iv", none, 12));
	const inner = Buffer.concat([body, u8(22)]);
	cipher.setAAD(Buffer.concat([u8(23), u16(0x0303), u16(inner.length + 16)]));
	return record(23, Buffer.concat([cipher.update(inner), cipher.final(), cipher.getAuthTag()]));
}
