import { expect, test } from "bun:test";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { FaultProxy } from "../../support/fault.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { WallClock } from "../../support/wall-clock.ts";
import { KeptRoom } from "./kept-room.ts";

// A server with a room file was down for an hour, which passes in an instant here.

const HOUR = 3600;

test("nobody loses a place while no server runs; a room to which nobody comes back ends", async () => {
	using clock = new WallClock();
	await using kept = await KeptRoom.open(
		{ env: clock.passingEnv, endsWhenEmpty: true },
		...["--idle-time", "3600"],
	);
	const { stage } = kept;
	let passed = 0;
	const pass = (seconds: number): void => {
		passed += seconds;
		clock.set(passed);
	};
	await using carolsProxy = await FaultProxy.open(stage.port);
	await using bobsProxy = await FaultProxy.open(stage.port);
	const ann = await stage.member("ann");
	const bob = stage.bot("bob", PASSWORD, bobsProxy.port);
	const carol = stage.bot("carol", PASSWORD, carolsProxy.port);
	await Promise.all([bob, carol].map((bot) => bot.waitFor({ type: "welcome" })));
	carolsProxy.refuses = true;
	carolsProxy.cut();
	await carol.waitFor({ type: "offline" });
	await stage.server.waitForOutput(" offline carol ");
	// Half of what she has.
	pass(300);
	await ann.waitFor({ type: "away", name: "carol" });

	await kept.stop("SIGKILL");
	pass(HOUR);
	await kept.start();
	await stage.server.waitForOutput("It goes on, and its 3 members can come back.");
	await Promise.all([ann, bob].map((bot) => bot.waitFor({ type: "online" })));
	ann.send({ type: "who" });
	const { at, members } = await ann.waitFor({ type: "roster" });
	const spent = (members as { since: number }[]).map(({ since }) => (Number(at) - since) / 1000);
	for (const seconds of spent) expect(seconds).toBeWithin(HOUR + 300, HOUR + 360);

	bobsProxy.refuses = true;
	bobsProxy.cut();
	await stage.server.waitForOutput(" offline bob ");
	pass(200);
	await ann.waitFor({ type: "away", name: "bob" });
	expect(ann.lines.some(({ type }) => type === "left")).toBe(false);
	pass(150);
	await ann.waitFor({ type: "left", name: "carol" });
	expect(ann.lines.some(({ type, name }) => type === "left" && name === "bob")).toBe(false);

	await kept.stop("SIGTERM");
	// Without a server there is nobody to say goodbye to.
	for (const bot of [ann, bob]) {
		bot.kill();
		await bot.exit();
	}
	pass(HOUR);
	await kept.start();
	await stage.server.waitForOutput("It goes on, and its 2 members can come back.");
	pass(110);
	await stage.server.waitForOutput(" away ann ");
	expect(kept.files).toContain("room");
	pass(11);
	expect(await stage.server.exit()).toBe(0);
	expect(stage.server.out).toContain(reason("room_ended").text);
	expect(kept.files).toEqual([]);
}, 30_000);
