import { describe, expect, test } from "bun:test";
import { randomId } from "../../../lib/util/random-id.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { VISIT } from "../moderation/meeting.ts";
import { openPagedWithBystander } from "./bystander.ts";

// The first message stands alone in its token.

const { stage, bystander } = await openPagedWithBystander();
/** Where peers connect: the room is one. */
const transports: [transport: string, place: Parameters<typeof Peer.greeting>[0]][] = [
	["over a socket", { port: stage.port, keys: stage.keys, tidy: stage.tidy }],
	["over a page's WebSocket", stage],
];

const LOGIN = { type: "login", name: "eve", email: "eve@gmail.com", password: PASSWORD };
const RESUME = { type: "resume", token: randomId(), seq: 0, private: 0 };
const SAY = { type: "say", id: "early", text: "I am in already" };

const crowds: [what: string, messages: object[]][] = [
	["a login before a say", [LOGIN, SAY]],
	["a login after a say", [SAY, LOGIN]],
	["a login twice", [LOGIN, LOGIN]],
	["a login before a question", [LOGIN, { type: "login_methods" }]],
	["a login before what no version knows", [LOGIN, { type: "shout" }]],
	["a login before what only a server says", [LOGIN, { type: "pong" }]],
	["a resume before a ping", [RESUME, { type: "ping", private: 0 }]],
	["a question twice", [{ type: "login_methods" }, { type: "login_methods" }]],
	[
		"a request for two codes",
		["a", "b"].map((who) => ({ type: "request_code", email: `${who}@x.yz` })),
	],
];

describe.each(transports)("%s, in the first token", (_, place) => {
	test.each(crowds)("%s: it closes, and nobody is logged in", async (_, messages) => {
		const asked = stage.logins.length;
		const peer = Peer.greeting(place);
		peer.send(...messages);
		await peer.waitUntilClosed();
		const text = expect.stringContaining("first message stands alone");
		expect(peer.messages).toEqual([{ type: "closing", code: "bad_message", text }]);
		expect(await stage.keyFiles()).not.toContain(`${peer.id}.key`);

		// A later login is checked after any that the server would have begun.
		const later = await Peer.member(stage, "later");
		expect(await later.waitFor("welcome")).toMatchObject({
			members: [
				["bystander", VISIT],
				["later", VISIT],
			],
		});
		later.send({ type: "leave" });
		await later.waitUntilClosed();
		expect(stage.logins.slice(asked)).toEqual(["later@gmail.com"]);
		expect(bystander.out).not.toContain("eve");
	});
});

test("fields that a login does not have are ignored, those of a later version too", async () => {
	const peer = Peer.greeting(stage);
	peer.send({ ...LOGIN, remember: true, laptop: { token: 5 }, owner: true, visit: "mine", n: 7 });
	const welcome = await peer.waitFor("welcome");
	for (const field of ["remember", "laptop", "owner"]) expect(welcome).not.toHaveProperty(field);
	expect(peer.visitOf("eve")).not.toBe("mine");
	peer.send({ type: "leave", laptop: 5, reason: "none" });
	expect(await peer.waitFor("closing")).toMatchObject({ code: "left" });
	await peer.waitUntilClosed();
});
