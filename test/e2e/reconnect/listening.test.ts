import { expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Pipe } from "../../support/pipe.ts";
import { Bot, Stage } from "../../support/programs.ts";

// The server judges a member by what the member sends. Who only listens has to send something, too,
// and more often than every 12 seconds here.

const FLAGS = [
	...["--idle-time", "12", "--grace", "0"],
	// The server hears the talker once a second, and so paces the test.
	...["--message-rate", "1", "--message-burst", "4"],
];
const texts = Array.from({ length: 20 }, (_, i) => `line ${i}`);

/** A bot whose output goes where nobody reads it. */
function deafBot(stage: Stage, pipe: Pipe): Bot {
	const who = ["--name", "deaf", "--email", "deaf@gmail.com"];
	const env = { FERNET_CHAT_PASSWORD: PASSWORD, PIPE: pipe.path };
	const within = ["sh", "-c", 'exec "$0" "$@" >"$PIPE"'];
	return stage.tidy(Bot.program(stage.clientArgs(...who), env, within));
}

test("who only listens while somebody talks all the time stays, even if nobody reads what it hears", async () => {
	using pipe = new Pipe();
	pipe.fill();
	await using stage = await Stage.local(...FLAGS);
	const talker = await Peer.member(stage, "talker");
	const listener = await stage.member("listener");
	deafBot(stage, pipe);
	await eventually("the deaf one", () => talker.visitOf("deaf"));
	for (const [i, text] of texts.entries()) talker.send({ type: "say", id: `${i}`, text });
	for (const text of texts) await listener.waitFor({ type: "said", text });
	const said = listener.lines.filter(({ type }) => type === "said");
	expect(said.map(({ text }) => text)).toEqual(texts);
	expect(Number(said.at(-1)?.at) - Number(said[0]?.at)).toBeGreaterThan(13_000);
	const others = (type: string) => type !== "said" && type !== "joined";
	expect(listener.lines.map(({ type }) => type).filter(others)).toEqual(["welcome"]);
	expect(talker.messages.map(({ type }) => type).filter(others)).toEqual(["welcome"]);
	let output = "";
	await eventually("what was not read", () => {
		output += pipe.read();
		return output.includes(String(texts.at(-1)));
	});
	for (const text of texts) expect(output.split(`"${text}"`)).toHaveLength(2);
});
