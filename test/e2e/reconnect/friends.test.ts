import { expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { FarRoom } from "../../support/faraway.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Loopback, Namespaces, type Network } from "../../support/network.ts";
import { type Bot, Program } from "../../support/programs.ts";

// Friends far away: whole programs that share nothing but the network between them.

/** Milliseconds: a client finds out after 25 s at the latest, and tries again every 10 s. */
const BREAK_TIME = 50_000;
/** Milliseconds that the test may take. */
const TIME_OUT = 200_000;

const networks: [where: string, open: () => Promise<Network>][] = [
	["through a proxy on this machine", async () => new Loopback()],
];
if (Namespaces.canBeMade) networks.push(["from one network to another", Namespaces.open]);

for (const [where, open] of networks) {
	test(
		`${where}: friends talk, and come back over a mended link with nothing missed`,
		async () => {
			await using network = await open();
			await using room = await FarRoom.open(network);
			const ann = await room.friend("ann");
			const bob = await room.friend("bob");
			// Carol is at the server's end, so she stays in the room while the others are cut off.
			const carol = await room.friend("carol", "near");
			const everybody = [ann, bob, carol];
			const texts = ["hello from ann", "hello from bob"];
			ann.say("hello from ann");
			await bob.waitFor({ type: "said", text: "hello from ann" });
			bob.say("hello from bob");
			for (const bot of everybody) await bot.waitFor({ type: "said", text: "hello from bob" });

			for (const [turn, { how, cut, mend }] of network.breaks.entries()) {
				cut();
				const meanwhile = Array.from({ length: 20 }, (_, index) => `${how}: ${index}`);
				for (const text of meanwhile) carol.say(text);
				await carol.waitFor({ type: "said", text: `${how}: 19` });
				// A client that sends something notices soonest that the connection is dead.
				for (const bot of [ann, bob]) bot.say(`${how}: does anybody hear me?`);
				for (const bot of [ann, bob]) await waitForTimes(bot, "offline", turn + 1);
				for (const bot of [ann, bob]) expect(said(bot)).toEqual(said(carol).slice(0, texts.length));
				mend();
				for (const bot of [ann, bob]) await waitForTimes(bot, "online", turn + 1);
				// Each says again what was not heard when it has heard what it missed.
				for (const bot of everybody) {
					const heard = () => said(bot).filter((text) => text === `${how}: does anybody hear me?`);
					await eventually("both", () => heard().length === 2);
				}
				ann.say(`${how}: I am back`);
				for (const bot of everybody) await bot.waitFor({ type: "said", text: `${how}: I am back` });
				const heard = Array(2).fill(`${how}: does anybody hear me?`);
				texts.push(...meanwhile, ...heard, `${how}: I am back`);
			}
			for (const bot of everybody) {
				expect(said(bot)).toEqual(texts);
				const lost = bot.lines.filter(({ type }) => type === "online").map(({ lost }) => lost);
				expect(lost).toEqual(bot === carol ? [] : network.breaks.map(() => 0));
			}

			for (const bot of everybody) bot.send({ type: "leave" });
			for (const bot of everybody) expect(await bot.exit()).toBe(0);
			expect(await room.server.exit()).toBe(0);
			expect(await room.keyFiles()).toEqual([]);
		},
		TIME_OUT,
	);
}

test("a client that finds no server says whom to ask, not to start one", async () => {
	for (const [where, open] of networks) {
		await using network = await open();
		const args = [
			`${network.nowhere}#${"0".repeat(64)}`,
			"--name",
			"ann",
			"--email",
			"ann@gmail.com",
		];
		const env = { FERNET_CHAT_PASSWORD: PASSWORD, FERNET_CHAT_KEYS: "/dev/null" };
		await using client = new Program("client.ts", args, env, network.members);
		expect([where, await client.exit()]).toEqual([where, 3]);
		expect(client.out).toContain(`No server answers at ${network.nowhere}`);
		expect(client.out).toContain("Ask the person who runs it");
	}
});

const said = ({ lines }: Bot): unknown[] =>
	lines.filter(({ type }) => type === "said").map(({ text }) => text);

/** Waits until a bot has printed `count` lines of this type. */
const waitForTimes = (bot: Bot, what: string, count: number): Promise<boolean> =>
	eventually(
		`${what}, ${count} times`,
		() => bot.lines.filter(({ type }) => type === what).length === count,
		() => bot.out,
		BREAK_TIME,
	);
