import { expect, test } from "bun:test";
import { hostname, networkInterfaces } from "node:os";
import { Scene } from "./tls-stage.ts";

// Where a server listens, and how it is found.

const loopbacks = Object.values(networkInterfaces())
	.flatMap((addresses) => addresses ?? [])
	.filter(({ address }) => address === "127.0.0.1" || address === "::1")
	.map(({ address }) => address);

test.each(loopbacks)(
	"a server on %s alone is found by a name that has every address",
	async (host) => {
		await using scene = await Scene.open("--host", host);
		const ann = await scene.member("ann", `localhost:${scene.port}#${scene.fingerprint}`);
		ann.say("hello");
		await ann.hears({ type: "said", text: "hello" });
		await scene.member("bob", scene.invitation);
	},
);

test("a server on every address says its name, and a member finds it by any", async () => {
	await using scene = await Scene.open("--host", "0.0.0.0");
	expect(scene.invitation).toBe(`${hostname()}:${scene.port}#${scene.fingerprint}`);
	for (const [i, host] of ["127.0.0.1", "localhost", "0.0.0.0"].entries()) {
		await scene.member(`ann${i}`, `${host}:${scene.port}#${scene.fingerprint}`);
	}
});
