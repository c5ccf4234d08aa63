import { expect, test } from "bun:test";
import { connect, createServer, type Socket } from "node:net";
import { type Reason, reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { FaultProxy } from "../../support/fault.ts";
import { listen } from "../../support/listen.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { type Json, Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";

// A member kicked while its connection is broken learns it on return, and stops trying.

const OWNED = ["--owner", "ann@gmail.com"];

const ways: [request: Json, expected: Reason][] = [
	[{ type: "kick", name: "bob", reason: "too loud" }, reason("kicked", "ann", "too loud")],
	[{ type: "ban", who: "bob" }, reason("banned", "ann")],
];
test.each(ways)("%j: a bot hears why, and ends with 2", async (request, { code, text }) => {
	await using stage = await Stage.local(...OWNED);
	await using proxy = await FaultProxy.open(stage.port);
	const ann = await stage.member("ann");
	const bob = stage.bot("bob", PASSWORD, proxy.port);
	await bob.waitFor({ type: "welcome" });
	await ann.waitFor({ type: "joined", name: "bob" });
	proxy.refuses = true;
	proxy.cut();
	await bob.waitFor({ type: "offline" });
	ann.send(request);
	await ann.waitFor({ type: "left", name: "bob" });
	proxy.refuses = false;
	expect(await bob.exit()).toBe(2);
	expect(bob.lines.at(-1)).toEqual({ type: "closed", reason: code, text });
	await stage.server.waitForOutput(new RegExp(`refused .* ${code}`));
	expect(stage.server.err).not.toContain("too loud");
});

test("a person reads why, and is not asked to log in again", async () => {
	await using stage = await Stage.local(...OWNED);
	await using proxy = await FaultProxy.open(stage.port);
	const ann = await stage.member("ann");
	const who = ["--name", "bob", "--email", "bob@gmail.com"];
	const args = [`127.0.0.1:${proxy.port}`, "--keys", stage.keys, ...who];
	await using bob = new Screen("client.ts", args, { isLocal: true });
	await bob.waitForText("Password");
	bob.type(`${PASSWORD}\r`);
	await bob.waitForText("You are bob");
	await ann.waitFor({ type: "joined", name: "bob" });
	proxy.refuses = true;
	proxy.cut();
	await bob.waitForText("Reconnecting.");
	ann.send({ type: "kick", name: "bob" });
	await ann.waitFor({ type: "left", name: "bob" });
	proxy.refuses = false;
	expect(await bob.exit()).toBe(2);
	await bob.waitForText(reason("kicked", "ann").text);
	expect(bob.text).not.toContain("User name");
	expect(bob.isCooked).toBe(true);
});

test("a kick claimed by an impostor of the server is not believed", async () => {
	await using stage = await Stage.local();
	let lies = 0;
	let isLying = false;
	const sockets: Socket[] = [];
	const listener = createServer((client) => {
		// A reset by the client must not end the test.
		client.on("error", () => {});
		if (isLying) {
			lies++;
			client.end(`FERNET-CHAT/1 error kicked ${reason("kicked", "ann").text}\n`);
			return;
		}
		const server = connect(stage.port, "127.0.0.1");
		server.on("error", () => {});
		sockets.push(client, server);
		client.pipe(server).pipe(client);
	});
	const port = await listen(listener);
	try {
		const bob = stage.bot("bob", PASSWORD, port);
		await bob.waitFor({ type: "welcome" });
		isLying = true;
		for (const socket of sockets) socket.destroy();
		await bob.waitFor({ type: "offline" });
		await eventually("a lie", () => lies > 0);
		isLying = false;
		await bob.waitFor({ type: "online" });
	} finally {
		for (const socket of sockets) socket.destroy();
		listener.close();
	}
});
