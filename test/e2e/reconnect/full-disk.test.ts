import { describe, expect, test } from "bun:test";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { noise } from "../../support/noise.ts";
import { Peer } from "../../support/peer.ts";
import type { Bot, Json, Stage } from "../../support/programs.ts";
import { SmallDisk } from "../../support/small-disk.ts";
import { Screen } from "../../support/terminal.ts";
import { KeptRoom } from "./kept-room.ts";

// The disk with the room file is full: nothing is taken for now, nobody is cut off, nothing is lost.

/** Room for a few dozen lines: what has gone into the WAL then has no place in the file. */
const SPARED = 128 * 1024;

/** Talks until the room takes no more; returns how much it took. */
async function talkUntilFull(bot: Bot): Promise<number> {
	const isRefused = ({ type, code }: Json) => type === "failed" && code === "not_taken";
	const before = bot.lines.filter(isRefused).length;
	for (let line = 0; ; line++) {
		const text = `${line} ${noise(3000)}`;
		bot.say(text);
		await bot.waitFor({ type: "pending", text });
		const id = bot.lines.findLast(({ type }) => type === "pending")?.id;
		await Promise.race([bot.waitFor({ type: "said", id }), bot.waitFor({ type: "failed", id })]);
		if (bot.lines.filter(isRefused).length > before) return line;
	}
}

const NOTHING = { events: 0, private: 0 };

const has = (peer: Peer, text: string): boolean =>
	peer.messages.some(({ type, text: said }) => type === "said" && said === text);

/** Tries to come back; returns why it cannot. */
async function denial(stage: Stage, lost: Peer): Promise<unknown> {
	const peer = Peer.greeting(stage);
	peer.send({ type: "resume", ...lost.place });
	return (await peer.waitFor("denied")).code;
}

const seqsOf = (bot: Bot): number[] =>
	bot.lines.flatMap(({ seq }) => (typeof seq === "number" ? [seq] : []));

describe.if(SmallDisk.canBeMounted)("while the disk is full", () => {
	test("nothing is said and nobody comes, members stay; with space again all goes on", async () => {
		using disk = new SmallDisk(2 * 1024 * 1024);
		await using kept = await KeptRoom.open({ folder: disk.path }, ...["--owner", "boss@gmail.com"]);
		const { stage } = kept;
		const who = ["--name", "ann", "--email", "ann@gmail.com"];
		const ann = stage.tidy(
			new Screen("client.ts", stage.clientArgs(...who), {
				env: { FERNET_CHAT_PASSWORD: PASSWORD },
				...{ cols: 100, rows: 50, isLocal: true },
			}),
		);
		await ann.waitForText("You are ann");
		const [boss, bob, dora] = [
			await stage.member("boss"),
			await stage.member("bob"),
			await stage.member("dora"),
		];
		let carol = await Peer.member(stage, "carol");
		let free = disk.fill(SPARED);
		const taken = await talkUntilFull(bob);
		// What was too little for a long line is not to do for a short one.
		disk.fill();
		expect(taken).toBeGreaterThan(0);
		await stage.server.waitForOutput(
			/warning: The room file \S+ cannot be written: database or disk is full\. Nothing that anybody says is taken/,
		);

		ann.type("held back\r");
		await ann.waitForText(/✗ Not sent: held back \(The server takes nothing for now/);
		boss.send({ type: "title", title: "not now" });
		expect(await boss.waitFor({ type: "refused" })).toMatchObject({ code: "not_taken" });
		const gwen = stage.bot("gwen");
		expect(await gwen.exit()).not.toBe(0);
		expect(gwen.lines.at(-1)).toMatchObject({
			type: "denied",
			...reason("store_unavailable", false),
		});
		carol.cut();
		expect(await denial(stage, carol)).toBe("store_unavailable");
		dora.endInput();
		expect(await dora.exit()).toBe(0);
		expect(dora.lines.at(-1)).toMatchObject({ type: "closed", reason: "left" });
		for (const bot of [boss, bob]) {
			bot.send({ type: "who" });
			// Dora and Carol are still in it: the room has not heard of them.
			expect(await bot.waitFor({ type: "roster" })).toMatchObject({ members: Array(5).fill({}) });
			expect(bot.lines.some(({ type }) => type === "offline")).toBe(false);
		}

		free();
		await ann.waitForText("dora left");
		ann.type("/again\r");
		for (const bot of [boss, bob]) await bot.waitFor({ type: "said", text: "held back" });
		await stage.server.waitForOutput("can be written again");
		await stage.member("gwen");
		expect(bob.lines.filter(({ type }) => type === "left")).toMatchObject([{ name: "dora" }]);
		carol = await Peer.resume(stage, carol);
		expect(await carol.waitFor("resumed")).toMatchObject({ lost: NOTHING });
		await eventually("all of it", () => has(carol, "held back"));

		// A server that stops while it is full, and one that starts then, lose nothing either.
		free = disk.fill(SPARED);
		await talkUntilFull(bob);
		expect(await kept.stop("SIGTERM")).toBe(0);
		await kept.start();
		free();
		for (const bot of [boss, bob]) await bot.waitFor({ type: "online", lost: 0 });
		carol = await Peer.resume(stage, carol);
		expect(await carol.waitFor("resumed")).toMatchObject({ lost: NOTHING });
		bob.say("all is well");
		await boss.waitFor({ type: "said", text: "all is well" });
		await eventually("all of it", () => has(carol, "all is well"));
		await ann.waitForText("all is well");
		for (const bot of [boss, bob]) {
			const seqs = seqsOf(bot);
			expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] ?? 0) + i));
			expect(bot.lines.filter(({ type, name }) => type === "left" && name !== "dora")).toEqual([]);
		}
		const [one, other] = [boss, bob].map((bot) =>
			bot.lines.flatMap(({ type, text }) => (type === "said" ? [text] : [])),
		);
		expect(other).toEqual(one);
	}, 40_000);
});
