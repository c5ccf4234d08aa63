import { expect, test } from "bun:test";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { FaultProxy } from "../../support/fault.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { type Bot, Stage } from "../../support/programs.ts";
import { WallClock } from "../../support/wall-clock.ts";

// How long a place is kept, by default, on a server for which minutes pass in an instant.

const count = (bot: Bot, wanted: string): number =>
	bot.lines.filter(({ type }) => type === wanted).length;

/** A bot whose connection a test can break and mend. */
class Traveller {
	private constructor(
		readonly stage: Stage,
		readonly name: string,
		readonly bot: Bot,
		readonly proxy: FaultProxy,
	) {}

	static async join(stage: Stage, name: string): Promise<Traveller> {
		const proxy = stage.tidy(await FaultProxy.open(stage.port));
		const bot = stage.bot(name, PASSWORD, proxy.port);
		await bot.waitFor({ type: "welcome" });
		return new Traveller(stage, name, bot, proxy);
	}

	/** Resolves once the server has noticed. */
	async leaveNetwork(): Promise<void> {
		const noticed = (): number => this.stage.server.err.split(` offline ${this.name} `).length;
		const before = noticed();
		this.proxy.refuses = true;
		this.proxy.cut();
		await eventually("offline", () => noticed() > before);
	}

	async returnToNetwork(): Promise<void> {
		const before = count(this.bot, "online");
		this.proxy.refuses = false;
		await eventually(
			"online",
			() => count(this.bot, "online") > before,
			() => this.bot.out,
		);
	}
}

test("ten minutes while others are connected; two once nobody is, and then the room ends", async () => {
	using clock = new WallClock();
	await using stage = await Stage.openWith(
		{ env: clock.passingEnv, endsWhenEmpty: true },
		...["--idle-time", "3600"],
	);
	const { server } = stage;
	let passed = 0;
	const pass = (seconds: number): void => {
		passed += seconds;
		clock.set(passed);
	};
	const ann = await Traveller.join(stage, "ann");
	const bob = await Traveller.join(stage, "bob");
	const carol = await Traveller.join(stage, "carol");

	await ann.leaveNetwork();
	bob.bot.send({ type: "tell", to: "ann", text: "read this later" });
	bob.bot.say("and this");
	pass(590);
	await bob.bot.waitFor({ type: "away", name: "ann" });
	await ann.returnToNetwork();
	await ann.bot.waitFor({ type: "told", text: "read this later" });
	await ann.bot.waitFor({ type: "said", text: "and this" });
	await bob.bot.waitFor({ type: "back", name: "ann" });

	await ann.leaveNetwork();
	bob.bot.send({ type: "tell", to: "ann", text: "too late" });
	await bob.bot.waitFor({ type: "told", text: "too late" });
	pass(601);
	await bob.bot.waitFor({ type: "left", name: "ann" });
	expect(await bob.bot.waitFor({ type: "unconfirmed" })).toMatchObject({ name: "ann" });
	ann.proxy.refuses = false;
	await ann.bot.waitFor({ type: "rejoining", code: "resume_expired" });

	// Bob's break is the older one, and both places are kept after Carol's.
	await bob.leaveNetwork();
	pass(300);
	await carol.bot.waitFor({ type: "away", name: "bob" });
	await carol.leaveNetwork();
	pass(110);
	await server.waitForOutput("away carol");
	expect(server.out).not.toContain(reason("room_ended").text);
	await bob.returnToNetwork();
	await bob.bot.waitFor({ type: "away", name: "carol" });

	await bob.leaveNetwork();
	pass(121);
	expect(await server.exit()).toBe(0);
	expect(server.out).toContain(reason("room_ended").text);
	expect(stage.logins).toHaveLength(3);
}, 30_000);
