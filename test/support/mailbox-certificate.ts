// Loading what makes a certificate takes ten times as long as making one, and most test files need
// one: so a run of all files makes it once, and hands it to them in the environment.

const HANDED = "TEST_CERTIFICATE";

interface Pair {
	readonly cert: string;
	readonly private: string;
}

let made: Promise<Pair> | undefined;

/** A certificate for localhost and its key; all tests of a run may share it. */
export function certificate(): Promise<Pair> {
	const handed = process.env[HANDED];
	made ??= handed === undefined ? makeCertificate() : Promise.resolve(JSON.parse(handed));
	return made;
}

/** Another one. */
export async function makeCertificate(): Promise<Pair> {
	const { generate } = await import("selfsigned");
	const made = await generate([{ name: "commonName", value: "localhost" }], {
		keyType: "ec",
		algorithm: "sha256",
		extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
	});
	return { cert: made.cert, private: made.private };
}

/** The environment that hands one certificate to all files of a run. */
export const handOver = async (): Promise<Record<string, string>> => ({
	[HANDED]: JSON.stringify(await makeCertificate()),
});
