import { describe, expect, test } from "bun:test";
import { generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { InvalidKey } from "../../../../lib/wire/crypto/fernet-rules.ts";
import { readClientMessage, readServerMessage } from "../../../../lib/wire/messages/messages.ts";
import {
	breach,
	CLOSING,
	client,
	fernet,
	inside,
	KEY,
	sealOne,
	server,
	token,
	WHO,
} from "./channel-samples.ts";

describe("a channel", () => {
	test("carries what was said in a turn as one token, and counts tokens, not messages", () => {
		const [ours, theirs] = [client(), server()];
		const says = (many: number) =>
			Array.from({ length: many }, (_, i) => {
				return { type: "say", id: `a${i}`, text: "Grüße, 世界 ✓ \u0000\n" } as const;
			});
		for (const [n, many] of [1, 3, 2].entries()) {
			const messages = [...says(many), WHO];
			const sealed = sealOne(ours, ...messages);
			expect(inside(sealed)).toEqual({ n, messages });
			expect(theirs.open(sealed)).toEqual(messages);
		}
	});

	test("counts each direction on its own, from 0", () => {
		const [ours, theirs] = [client(), server()];
		for (let n = 0; n < 3; n++) theirs.open(sealOne(ours, WHO));
		const answer = sealOne(theirs, { type: "pong" }, CLOSING);
		expect(inside(answer)).toEqual({ n: 0, messages: [{ type: "pong" }, CLOSING] });
		expect(ours.open(answer)).toEqual([{ type: "pong" }, CLOSING]);
		expect(inside(sealOne(ours, WHO)).n).toBe(3);
	});

	test("opens nothing twice", () => {
		const [ours, theirs] = [client(), server()];
		const first = sealOne(ours, WHO, WHO);
		expect(theirs.open(first)).toEqual([WHO, WHO]);
		expect(breach(() => theirs.open(first)).code).toBe("bad_count");
	});

	test("opens nothing out of order, and nothing after a gap", () => {
		const ours = client();
		const [first, second, third] = [sealOne(ours, WHO), sealOne(ours, WHO), sealOne(ours, WHO)];
		expect(breach(() => server().open(second)).code).toBe("bad_count");
		const theirs = server();
		theirs.open(first);
		expect(breach(() => theirs.open(third)).code).toBe("bad_count");
		expect(theirs.open(second)).toEqual([WHO]);
	});

	test("starts at 0 and at nothing like it", () => {
		for (const n of [undefined, 1, -1, 0.5, "0", "", null, [0], { n: 0 }, false, true]) {
			expect(breach(() => server().open(token({ n, messages: [WHO] }))).code).toBe("bad_count");
		}
		expect(server().open(token({ n: 0, messages: [WHO] }))).toEqual([WHO]);
	});

	test("brings nothing back to who said it: its type is that of the other direction", () => {
		const ours = client();
		const [request] = ours.open(sealOne(ours, WHO));
		expect(breach(() => readServerMessage(request)).code).toBe("bad_type");
		const theirs = server();
		const [answer] = theirs.open(sealOne(theirs, CLOSING));
		expect(breach(() => readClientMessage(answer)).code).toBe("bad_type");
	});

	test("reads JSON as it is usually read: of a key that is there twice the last one counts", () => {
		const json =
			'{"n":7,"n":0.0e0,"messages":[],"messages":[{"type":"ping","type":"who","private":1.0}]}';
		expect(server().open(fernet.encrypt(json))).toEqual([{ ...WHO, private: 1 }] as never);
	});

	test("opens nothing of another key", () => {
		const sealed = sealOne(client(), WHO);
		expect(breach(() => server(generateKey()).open(sealed)).code).toBe("bad_token");
	});

	test("opens nothing cut short or added to", () => {
		const sealed = sealOne(client(), WHO);
		for (let end = 0; end < sealed.length; end++) {
			expect(breach(() => server().open(sealed.slice(0, end))).code).toBe("bad_token");
		}
		for (const wrong of [` ${sealed}`, `${sealed}\r`, `0 ${sealed}`, "GET / HTTP/1.1\r"]) {
			expect(breach(() => server().open(wrong)).code).toBe("bad_token");
		}
	});

	test("is not made of a key that is none", () => {
		expect(() => client("secret")).toThrow(InvalidKey);
	});
});

describe("a token that holds no messages is a breach", () => {
	const good = '{"n":0,"messages":[{"type":"who"}]}';

	test.each(["", "who", "{", good.slice(0, -1), "NaN", `${good}}`, `${good}\0`])(
		"no JSON: %j",
		(text) => {
			expect(breach(() => server().open(fernet.encrypt(text))).code).toBe("bad_message");
		},
	);

	test("bytes that are not UTF-8", () => {
		const head = Buffer.from('{"n":0,"messages":[{"type":"say","id":"a","text":"');
		for (const wrong of ["ff", "c080", "eda080", "e282", "f4908080"]) {
			const json = Buffer.concat([head, Buffer.from(wrong, "hex"), Buffer.from('"}]}')]);
			expect(breach(() => server().open(fernet.encrypt(json))).code).toBe("bad_message");
		}
	});

	test("another shape", () => {
		const shapes = [
			null,
			0,
			"who",
			true,
			[],
			[{ n: 0, messages: [WHO] }],
			{},
			WHO,
			{ n: 0, ...WHO },
		];
		const lists = [undefined, null, "who", WHO, {}, { 0: WHO, length: 1 }];
		for (const value of [...shapes, ...lists.map((messages) => ({ n: 0, messages }))]) {
			const error = breach(() => server().open(token(value)));
			expect({ value, code: error.code }).toEqual({ value, code: "bad_message" });
		}
	});

	test.each([0, 65, 1000])("%d messages", (length) => {
		const messages = Array.from({ length }, () => WHO);
		expect(breach(() => server().open(token({ n: 0, messages }))).code).toBe("bad_message");
	});

	test("a message without a type, wherever it stands among good ones", () => {
		const untyped = [undefined, 1, ["who"], null, { who: 0 }].map((type) => ({ type, id: "a" }));
		for (const wrong of [...untyped, {}, null, "who", [WHO], [], 0]) {
			for (const messages of [[wrong], [WHO, wrong], [wrong, WHO], [WHO, wrong, WHO]]) {
				const theirs = server();
				expect(breach(() => theirs.open(token({ n: 0, messages }))).code).toBe("bad_message");
			}
		}
	});
});

test("a channel passes messages on unchecked, so that one that is unusable spoils no other", () => {
	const theirs = server(KEY);
	const messages = [WHO, { type: "say", id: "a", text: "" }, { type: "dance", id: "b" }, WHO];
	expect(theirs.open(token({ n: 0, messages })) as unknown[]).toEqual(messages);
	expect(theirs.open(token({ n: 1, messages: [WHO], later: true }))).toEqual([WHO]);
});
