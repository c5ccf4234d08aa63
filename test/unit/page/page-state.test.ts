import { expect, test } from "bun:test";
import { readPageState } from "../../../lib/page/storage/page-state.ts";

const ID = "0".repeat(32);
const SAID = { type: "said", seq: 3, at: 5, from: "bob", id: "m1", text: "hello" };
const STATE = {
	email: "ann@gmail.com",
	draft: "half a sent",
	welcome: { type: "welcome", name: "ann", seq: 1, epoch: 1, resume: ID, grace: 1, members: [] },
	place: { token: ID, progress: { seq: 3, private: 0, historyUntil: 1 } },
	unsent: [{ message: { type: "say", id: "m2", text: "hi" }, failure: "Muted." }],
	recipients: { lastSender: { name: "bob", visit: "b1" } },
	items: [{ kind: "said", message: SAID }],
};

test("what a page stored is read as it was", () => {
	const { welcome, ...rest } = STATE;
	expect(readPageState(JSON.parse(JSON.stringify(STATE)))).toEqual({
		...rest,
		welcome: { ...welcome, key: expect.any(String) },
	} as never);
});

test.each([
	["nothing", undefined],
	["a list", []],
	["no address", { ...STATE, email: undefined }],
	["an address that is none", { ...STATE, email: "ann" }],
	["no draft", { ...STATE, draft: undefined }],
	["no place", { ...STATE, place: undefined }],
	["a place without its progress", { ...STATE, place: { token: ID } }],
	["no recipients", { ...STATE, recipients: undefined }],
	["a recipient without a visit", { ...STATE, recipients: { lastSender: { name: "bob" } } }],
	["no items", { ...STATE, items: {} }],
	["unsent messages that are no list", { ...STATE, unsent: {} }],
	["a message that is none", { ...STATE, unsent: [{ message: { type: "say", id: "m2" } }] }],
	["a message that is not said", { ...STATE, unsent: [{ message: { type: "leave" } }] }],
	["another message for a welcome", { ...STATE, welcome: { type: "pong" } }],
	["a welcome without members", { ...STATE, welcome: { ...STATE.welcome, members: undefined } }],
])("is nothing to go on with: %s", (_, stored) => {
	expect(readPageState(stored)).toBeNull();
});

test.each([
	[null],
	[{ kind: "said" }],
	[{ kind: "told", message: {} }],
	[{ kind: "moved", moves: { type: "joined", names: "bob" } }],
	[{ kind: "toString", text: "hello" }],
	[{ text: "hello" }],
])("an item that does not fit is left out: %j", (item) => {
	expect(readPageState({ ...STATE, items: [item, ...STATE.items] })?.items).toEqual(
		STATE.items as never,
	);
});
