import { Fernet, generateKey } from "#fernet";

// Bundled for a browser. The same token by two ways: the page's own, and the browser's WebCrypto,
// which is asynchronous, and so would need a Channel of its own.

/** Few at a time, so that what else the machine does hits few rounds. */
const TOKENS = 100;
const ROUNDS = 401;
const WARM_UP = 50;
const BASE64URL = { alphabet: "base64url" } as const;
const data = crypto.getRandomValues(new Uint8Array(64));

/** Microseconds for one call: the median of the rounds, after some that do not count. */
async function time(call: () => unknown): Promise<number> {
	const times: number[] = [];
	for (let round = 0; round < WARM_UP + ROUNDS; round++) {
		const start = performance.now();
		for (let i = 0; i < TOKENS; i++) await call();
		times.push(((performance.now() - start) * 1000) / TOKENS);
	}
	const sorted = times.slice(WARM_UP).toSorted((one, other) => one - other);
	return sorted[ROUNDS >> 1] ?? Number.NaN;
}

async function webCrypto(key: string) {
	const bytes = Uint8Array.fromBase64(key, BASE64URL);
	const { subtle } = crypto;
	const hmac = { name: "HMAC", hash: "SHA-256" };
	const signing = await subtle.importKey("raw", bytes.slice(0, 16), hmac, false, [
		"sign",
		"verify",
	]);
	const uses = ["encrypt", "decrypt"] as const;
	const cipher = await subtle.importKey("raw", bytes.slice(16), "AES-CBC", false, [...uses]);
	return {
		async seal(plain: Uint8Array<ArrayBuffer>): Promise<string> {
			const iv = crypto.getRandomValues(new Uint8Array(16));
			const body = new Uint8Array(await subtle.encrypt({ name: "AES-CBC", iv }, cipher, plain));
			const token = new Uint8Array(57 + body.length);
			token[0] = 0x80;
			new DataView(token.buffer).setBigUint64(1, BigInt(Math.floor(Date.now() / 1000)));
			token.set(iv, 9);
			token.set(body, 25);
			token.set(
				new Uint8Array(await subtle.sign("HMAC", signing, token.slice(0, -32))),
				token.length - 32,
			);
			return token.toBase64(BASE64URL);
		},
		async open(text: string): Promise<Uint8Array<ArrayBuffer>> {
			const token = Uint8Array.fromBase64(text, BASE64URL);
			const isRight = await subtle.verify("HMAC", signing, token.slice(-32), token.slice(0, -32));
			if (!isRight) throw new Error("The MAC is wrong.");
			const iv = token.slice(9, 25);
			return new Uint8Array(
				await subtle.decrypt({ name: "AES-CBC", iv }, cipher, token.slice(25, -32)),
			);
		},
	};
}

/** Microseconds for one seal and one open of 64 bytes, by either way. */
async function measure(): Promise<Record<string, number>> {
	const key = generateKey();
	const fernet = new Fernet(key);
	const other = await webCrypto(key);
	const token = fernet.encrypt(data);
	const opened = await other.open(token);
	if (fernet.decrypt(await other.seal(opened)).toBase64() !== data.toBase64()) {
		throw new Error("The two ways disagree.");
	}
	return {
		"noble, seal": await time(() => fernet.encrypt(data)),
		"noble, open": await time(() => fernet.decrypt(token)),
		"WebCrypto, seal": await time(() => other.seal(data)),
		"WebCrypto, open": await time(() => other.open(token)),
	};
}

Object.assign(globalThis, { measure });
