import { Fernet, generateKey } from "../../lib/wire/crypto/fernet.ts";
import { pythonWithFernet } from "../support/python.ts";
import { type Cipher, floor, npmFernet, ours, textOfSize, type Way } from "./ciphers.ts";
import type { Entrant } from "./contenders/entrants.ts";
import { type Row, ratio, rows } from "./figures.ts";
import { pythonCipher } from "./pythoncipher.ts";
import type { Tally } from "./tally.ts";

const SIZES = { "64 B": 64, "1 KiB": 1024, "64 KiB": 64 * 1024 };
const WAYS: readonly Way[] = ["encrypt", "decrypt"];
const FULL = { batches: 9, seconds: 0.15 };
const SHORT = { batches: 1, seconds: 0.01 };

/** Checks that ours opens the tokens of all ciphers. */
async function agree(ciphers: readonly Cipher[], fernet: Fernet, tally: Tally): Promise<void> {
	for (const cipher of ciphers) {
		for (const size of Object.values(SIZES)) {
			const token = await cipher.token(size);
			if (token === null) continue;
			await tally.check(`${cipher.name}, ${size} bytes`, () => {
				const text = fernet.decrypt(token).toString();
				if (text !== textOfSize(size)) throw new Error("another text than was encrypted");
			});
		}
	}
}

async function measure(
	ciphers: readonly Cipher[],
	way: Way,
	[label, size]: readonly [string, number],
	{ batches, seconds }: typeof FULL,
): Promise<Row[]> {
	const series = ciphers.map(({ name }) => ({ who: name, values: [] as number[] }));
	// The first batch of each does not count, because it includes compilation.
	for (let batch = 0; batch <= batches; batch++) {
		for (const [i, cipher] of ciphers.entries()) {
			const micros = await cipher.batch(way, size, seconds);
			if (batch > 0) series[i]?.values.push(micros);
		}
	}
	const timesAsFast = (mine: readonly number[], theirs: readonly number[]) => ratio(theirs, mine);
	return rows({ what: `Fernet, ${way}`, unit: "µs", size: label }, series, timesAsFast);
}

/** How long one token takes: ours, others', and bare AES and HMAC. */
export async function tokens(
	_: readonly Entrant[],
	isShort: boolean,
	tally: Tally,
): Promise<Row[]> {
	const key = generateKey();
	await using stack = new AsyncDisposableStack();
	const ciphers = [ours(key), npmFernet(key), floor()];
	if (pythonWithFernet()) ciphers.push(stack.use(pythonCipher(key)));
	await agree(ciphers, new Fernet(key), tally);
	const all: Row[] = [];
	for (const way of WAYS) {
		for (const size of Object.entries(SIZES)) {
			all.push(...(await measure(ciphers, way, size, isShort ? SHORT : FULL)));
		}
	}
	return all;
}
