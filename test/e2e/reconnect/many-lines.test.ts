import { expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { FaultProxy } from "../../support/fault.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Program, Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";

// Each of our clients is given thousands of lines at once, while its connection is cut again and
// again and the server's history is too short to bring back an echo.

const LINES = Array.from({ length: 2000 }, (_, i) => `line ${i}`);
/** How many lines the room has heard when the connection is cut. */
const CUTS = [50, 400, 405, 750, 1250, 1950];
const FLAGS = [
	...["--log-events", "1"],
	...["--message-rate", "1000000", "--message-burst", "1000000"],
];

const heard = (bob: Peer): unknown[] =>
	bob.messages.filter(({ type }) => type === "said").map(({ text }) => text);

/** Cuts the connection each time the room has heard enough, until it has heard as many as it must. */
async function cutWhileHeard(bob: Peer, proxy: FaultProxy): Promise<void> {
	const hows = ["reset", "fin", "half"] as const;
	for (const [i, count] of [...CUTS, LINES.length].entries()) {
		// Step by step, since no step may take long, but all of them together do.
		for (let step = 0; step <= count; step += 250) {
			const enough = Math.min(count, step + 250);
			await eventually(`${enough} lines`, () => heard(bob).length >= enough);
		}
		if (count < LINES.length) proxy.cut(hows[i % hows.length]);
	}
}

async function expectEachOnce(
	start: (stage: Stage, port: number) => AsyncDisposable,
): Promise<void> {
	await using stage = await Stage.local(...FLAGS);
	await using proxy = await FaultProxy.open(stage.port);
	const bob = await Peer.member(stage, "bob");
	await using _ = start(stage, proxy.port);
	await cutWhileHeard(bob, proxy);
	bob.send({ type: "say", id: "end", text: "the end" });
	await eventually("the end", () => heard(bob).includes("the end"));
	expect(heard(bob)).toEqual([...LINES, "the end"]);
	expect(proxy.cuts).toBe(CUTS.length);
	expect(stage.logins).toHaveLength(2);
}

const args = (stage: Stage, port: number): string[] => [
	...[`127.0.0.1:${port}`, "--keys", stage.keys],
	...["--name", "ann", "--email", "ann@gmail.com"],
];
const env = { FERNET_CHAT_PASSWORD: PASSWORD };

test("the JSON client says each once, in order", async () => {
	await expectEachOnce((stage, port) => {
		const bot = stage.bot("ann", PASSWORD, port);
		bot.write(LINES.map((text) => `{"type":"say","text":"${text}"}\n`).join(""));
		return bot;
	});
});

test("the client in plain mode says each once, in order", async () => {
	await expectEachOnce((stage, port) => {
		const program = new Program("client.ts", [...args(stage, port), "--plain"], env);
		program.write(`${LINES.join("\n")}\n`);
		return program;
	});
});

test("the client on a terminal says each once, in order", async () => {
	await expectEachOnce((stage, port) => {
		const screen = new Screen("client.ts", args(stage, port), { env, isLocal: true });
		void screen
			.waitForText("Type /help for the commands.")
			.then(() => screen.type(`${LINES.join("\r")}\r`));
		return screen;
	});
});
