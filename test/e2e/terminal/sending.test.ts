import { expect, test } from "bun:test";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { enter, say, textsFrom, waitForMessage } from "./visit.ts";

// Messages without an echo, because the server is stopped.

/** The row that shows a message without an answer so far. */
const onItsWay = /^▐ … .*slow/m;
const failed = /^▐ ✗ Not sent: slow/m;

test.concurrent("a line is on its way, then failed, and in the end said once", async () => {
	await using stage = await Stage.open();
	const bob = await Peer.member(stage, "bob");
	await using screen = await enter(stage, "ann");
	stage.server.kill("SIGSTOP");
	screen.type("slow one\r");
	await screen.waitForText(onItsWay);
	expect(screen.text).not.toContain("ann: slow one");
	screen.type("next line");
	await screen.waitForText("to all> next line");
	await screen.waitForText(failed);
	expect(screen.text).toContain("/again");
	expect(screen.text).not.toContain("ann: slow one");
	screen.type("\x15/again\r");
	await screen.waitForText(onItsWay);
	screen.type("slow two\r");
	await screen.waitForText(/^▐ … .*slow two/m);
	stage.server.kill("SIGCONT");
	await screen.waitForText("ann: slow two");
	say(bob, "the last word");
	await screen.waitForText("the last word");
	expect(textsFrom(bob, "ann")).toEqual(["slow one", "slow two"]);
	expect(screen.text.match(/slow/g)).toHaveLength(2);
	expect(screen.text).not.toMatch(/[…✗]/);
	screen.type("/again\r");
	await screen.waitForText("There is nothing to send again.");
});

test.concurrent("a private line on its way is seen to be private", async () => {
	await using stage = await Stage.open();
	const bob = await Peer.member(stage, "bob");
	await using screen = await enter(stage, "ann");
	stage.server.kill("SIGSTOP");
	screen.type("/tell bob slow secret\r");
	await screen.waitForText(onItsWay);
	const row = screen.lines.find((line) => onItsWay.test(line));
	stage.server.kill("SIGCONT");
	await waitForMessage(bob, { type: "told", text: "slow secret" });
	expect(row).toContain("bob");
});

test.concurrent("what was not said when the server is gone is named at the end", async () => {
	await using stage = await Stage.open();
	await using screen = await enter(stage, "ann", { flags: ["--patience", "0"] });
	stage.server.kill("SIGSTOP");
	screen.type("slow goodbye\r");
	await screen.waitForText(onItsWay);
	stage.server.kill("SIGKILL");
	expect(await screen.exit()).toBe(3);
	await screen.waitForText(/^▐ !! Not sent: slow goodbye\n▐ The connection .* lost\.$/m);
	expect(screen.text).not.toMatch(/[…✗]/);
});
