import { afterAll, beforeAll, expect } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addressOf } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { say, tell } from "./visit.ts";

export const CTRL_D = "\x04";
export let stage: Stage;
export let bob: Peer;
export let folder: string;

/** All control characters except line ends. */
const controls = (text: string): string[] => text.match(/[^\P{Cc}\r\n]/gu) ?? [];
export const expectPlain = (text: string): void => expect(controls(text)).toEqual([]);
export const who = (name: string): string[] => ["--name", name, "--email", addressOf(name)];

/** Causes events of every kind that the client shows in its own style. */
export async function everythingHappens(seen: (text: string) => Promise<unknown>): Promise<void> {
	say(bob, "one\ntwo \x1b[31mred\x1b]0;title\x07 \x9b1m \t tab \x7f");
	say(bob, "hello @ann, look: https://example.com/");
	tell(bob, "ann", "for you alone");
	const carol = await Peer.member(stage, "carol");
	carol.send({ type: "leave" });
	await carol.waitUntilClosed();
	say(bob, "that was all");
	await seen("bob: that was all");
}

/** Opens a folder and one room, with bob in it, for all tests of a file. */
export function usePlainRoom(): void {
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "fernet-chat-plain-"));
		stage = await Stage.local();
		bob = await Peer.member(stage, "bob");
	});
	afterAll(async () => {
		await stage[Symbol.asyncDispose]();
		await rm(folder, { recursive: true, force: true });
	});
}
