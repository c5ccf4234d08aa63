import { expect, test } from "bun:test";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { Stage } from "../../support/programs.ts";

test("two members talk, leave, and the room ends with no key left", async () => {
	await using stage = await Stage.openWith({ isLocal: true, endsWhenEmpty: true });
	const ann = await stage.member("ann");
	const bob = await stage.member("bob");
	expect(await ann.waitFor({ type: "joined" })).toMatchObject({ name: "bob" });
	expect(await bob.waitFor({ type: "welcome" })).toMatchObject({
		members: [{ name: "ann" }, { name: "bob" }],
	});
	expect(await stage.keyFiles()).toHaveLength(2);

	bob.say("hello");
	const heard = await ann.waitFor({ type: "said" });
	expect(heard).toMatchObject({ from: "bob", text: "hello" });
	expect(await bob.waitFor({ type: "said" })).toEqual(heard);

	bob.endInput();
	expect(await bob.exit()).toBe(0);
	await ann.waitFor({ type: "left", name: "bob" });
	ann.send({ type: "leave" });
	expect(await ann.exit()).toBe(0);
	expect(await stage.server.exit()).toBe(0);
	expect(stage.server.out).toContain(reason("room_ended").text);
	expect(await stage.keyFiles()).toEqual([]);
});
