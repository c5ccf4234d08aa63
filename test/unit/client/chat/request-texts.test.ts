import { expect, test } from "bun:test";
import { textsIn } from "../../../../lib/client/chat/request-texts.ts";

test("what a request says to others is known", () => {
	const said = { type: "say", text: "a", title: "b", reason: "c", name: "d", id: "e", me: true };
	expect(textsIn(said)).toEqual(["a", "b", "c"]);
	expect(textsIn({ type: "close", reason: undefined })).toEqual([]);
});
