import { expect, test } from "bun:test";
import { hostname, networkInterfaces } from "node:os";
import { TlsStage } from "./tls-stage.ts";

// Where a server listens, and how clients find it.

const loopbacks = Object.values(networkInterfaces())
	.flatMap((addresses) => addresses ?? [])
	.filter(({ address }) => address === "127.0.0.1" || address === "::1")
	.map(({ address }) => address);

test.each(loopbacks)(
	"a server on %s alone is found by a name that has every address",
	async (host) => {
		await using tls = await TlsStage.open("--host", host);
		const ann = await tls.member("ann", `localhost:${tls.port}#${tls.fingerprint}`);
		ann.say("hello");
		await ann.waitFor({ type: "said", text: "hello" });
		await tls.member("bob", tls.invitation);
	},
);

test("a server on every address says its name, and a member finds it by any", async () => {
	await using tls = await TlsStage.open("--host", "0.0.0.0");
	expect(tls.invitation).toBe(`${hostname()}:${tls.port}#${tls.fingerprint}`);
	for (const [i, host] of ["127.0.0.1", "localhost", "0.0.0.0"].entries()) {
		await tls.member(`ann${i}`, `${host}:${tls.port}#${tls.fingerprint}`);
	}
});
