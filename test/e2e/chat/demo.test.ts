import { expect, test } from "bun:test";
import { ROOT } from "../../support/root.ts";
import { Screen } from "../../support/terminal.ts";

test("on a terminal the demo answers, lets a second terminal join, and ends when both have left", async () => {
	await using zoe = new Screen("test/demo.ts", [], { cols: 120, rows: 60 });
	await zoe.waitForText("◆  User name");
	const [, place = "", keys = ""] = /bun client\.ts (\S+) --keys (\S+)/.exec(zoe.text) ?? [];
	const password = /password is (\w+)/.exec(zoe.text)?.[1] ?? "";
	zoe.type("zoe\r");
	await zoe.waitForText("◆  Mail address");
	zoe.type("zoe@gmail.com\r");
	await zoe.waitForText("◆  Password");
	zoe.type(`${password}\r`);
	await zoe.waitForText("ann: Welcome, zoe");
	zoe.type("hello\r");
	await zoe.waitForText("ann: Hello, zoe");
	zoe.type("/tell bob psst\r");
	await zoe.waitForText('bob → you: "psst"');

	const args = [place, "--keys", keys, "--name", "max", "--email", "max@gmail.com"];
	await using max = new Screen("client.ts", args);
	await max.waitForText("Password");
	max.type(`${password}\r`);
	await max.waitForText("ann: Welcome, max");
	zoe.type("/leave\r");
	await zoe.waitForText("Still here: max");
	max.type("are you there, bob?\r");
	await max.waitForText("bob: Yes, max?");
	max.type("/leave\r");
	await zoe.waitForText("session keys left: 0");
	expect([await max.exit(), await zoe.exit()]).toEqual([0, 0]);
	expect(keys.startsWith(ROOT)).toBe(false);
});
