import { expect, test } from "bun:test";
import { assertFolderUnclaimed } from "../../../../lib/server/keys/folder-claim.ts";
import { folder, put, useKeyFolder } from "../../wire/keys/key-folder-setup.ts";

// A server asks whoever a claim names, and whatever that is cannot hold up its start.

useKeyFolder();

/** Listens, but accepts nobody: once its queue is full, whoever connects gets no answer at all. */
const DEAF = `
import socket
deaf = socket.socket()
deaf.bind(("127.0.0.1", 0))
deaf.listen(0)
callers = [socket.socket() for _ in range(4)]
for caller in callers:
    caller.setblocking(False)
    caller.connect_ex(deaf.getsockname())
print(deaf.getsockname()[1], flush=True)
input()
`;

async function deafPort(python: Bun.Subprocess<"pipe", "pipe", "inherit">): Promise<number> {
	const reader = python.stdout.getReader();
	let text = "";
	while (!text.endsWith("\n")) text += Buffer.from((await reader.read()).value ?? "\n");
	return Number(text);
}

test("claims that lead where nobody answers do not hang it, however many there are", async () => {
	await using python = Bun.spawn(["python3", "-c", DEAF], { stdin: "pipe", stdout: "pipe" });
	const deaf = { host: "127.0.0.1", port: await deafPort(python) };
	const claims = [deaf, deaf, { host: "192.0.2.1", port: 5050 }, { host: "127.0.0.1", port: 1 }];
	claims.push({ host: "no such host", port: 5050 }, { host: "127.0.0.1", port: 99_999 });
	const suffix = (i: number) => (i === 0 ? "" : `.${String(i).padStart(32, "0")}`);
	for (const [i, claim] of claims.entries()) {
		put(`server.${python.pid}${suffix(i)}`, { content: JSON.stringify(claim) });
	}
	expect(folder.claims()).toHaveLength(claims.length);
	expect(deaf.port).toBeGreaterThan(0);
	const began = performance.now();
	await assertFolderUnclaimed(folder);
	expect(performance.now() - began).toBeLessThan(5000);
});

test("one live server among them is found", async () => {
	await using other = Bun.spawn(["sleep", "60"]);
	using listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
	const claims = [
		{ host: "127.0.0.1", port: 1 },
		{ host: "127.0.0.1", port: listener.port },
	];
	for (const [i, claim] of claims.entries()) {
		put(`server.${other.pid}${i === 0 ? "" : `.${"0".repeat(32)}`}`, {
			content: JSON.stringify(claim),
		});
	}
	await expect(assertFolderUnclaimed(folder)).rejects.toMatchObject({ code: "keys_in_use" });
});
