import { afterAll, beforeAll, expect, test } from "bun:test";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { Shell } from "../../support/shell.ts";
import { enter, say, tell } from "./visit.ts";

// Lines are broken between words, in the room and after it.

let stage: Stage;
let bob: Peer;
beforeAll(async () => {
	stage = await Stage.local();
	bob = await Peer.member(stage, "bob");
});
afterAll(() => stage[Symbol.asyncDispose]());

const WORDS = "one two three four five six seven eight nine ten eleven twelve".split(" ");
const NUMBERS = WORDS.join(" ");
/** The clock of a line, which may change between two of them. */
const timeless = (text: string): string => text.replaceAll(/▐ \d\d:\d\d/g, "▐ 12:00");

test("words stay whole and further rows are indented, in every kind of line", async () => {
	await using screen = await enter(stage, "ann", { cols: 40 });
	say(bob, NUMBERS);
	tell(bob, "ann", NUMBERS);
	say(bob, `if (x) {\n        return   of(${NUMBERS.replaceAll(" ", "_")});\n    }`);
	await screen.waitForText(/}$/m);
	screen.type("/ignore nobody-of-this-name\r");
	await screen.waitForText(/}\n[\s\S]*this-name"/);
	expect(timeless(screen.text)).toContain(`
▐ 12:00 bob: one two three four five
    six seven eight nine ten eleven
    twelve
▐ 12:00  PRIVATE  bob → you: one two
    three four five six seven eight
    nine ten eleven twelve
▐ 12:00 bob: if (x) {
  ┊         return   of(one_two_three_fo
ur_five_six_seven_eight_nine_ten_eleven_
twelve);
  ┊     }
▐ !! Nobody here is called
    "nobody-of-this-name".`);
	screen.type("\x15/leave\r");
	expect(await screen.exit()).toBe(0);
});

test("a link that a row can hold is in one row; the sentence at the end is wrapped, too", async () => {
	await using screen = await enter(stage, "ann", { cols: 30 });
	const link = "https://example.com/a/b";
	say(bob, `see ${link} now`);
	await screen.waitForText("now");
	expect(screen.lines).toContain(`    ${link}`);
	await using _again = await Peer.member(stage, "ann");
	expect(await screen.exit()).toBe(3);
	await screen.waitForText(
		/^▐ You logged in somewhere\n {4}else, so this connection\n {4}was closed\.$/m,
	);
});

test("in tmux: what comes after a resize is wrapped anew, and what came before is all there, once", async () => {
	await using shell = await Shell.open({ FERNET_CHAT_PASSWORD: PASSWORD });
	shell.resize(60, 40);
	shell.start(stage.clientArgs("--name", "tom", "--email", "tom@gmail.com"));
	await shell.waitForText(/You are tom/);
	const widths: [columns: number, rows: string][] = [
		[
			60,
			`▐ 12:00 bob: width60 one two three four five six seven
    eight nine ten eleven twelve`,
		],
		[
			34,
			`▐ 12:00 bob: width34 one two
    three four five six seven
    eight nine ten eleven twelve`,
		],
		[100, `▐ 12:00 bob: width100 ${NUMBERS}`],
		[
			20,
			`▐ 12:00 bob:
    width20 one two
    three four five
    six seven eight
    nine ten eleven
    twelve`,
		],
	];
	for (const [columns, rows] of widths) {
		shell.resize(columns, 40);
		// The client knows the new width once it has drawn its line at it.
		shell.type(`\x15${"x".repeat(columns)}`);
		await shell.waitForText(RegExp(`^to all> x{${columns - 9}}$`, "m"));
		shell.type("\x15");
		say(bob, `width${columns} ${NUMBERS}`);
		await shell.waitForText(RegExp(`width${columns}[^▐]*twelve`));
		expect(timeless(shell.text)).toContain(`\n${rows}\n`);
	}
	// A terminal may have broken older rows once more, but shows each word as often as it was said.
	const seen = shell.text.replaceAll(/\s+/g, "");
	for (const [columns] of widths) {
		expect(seen.split(`bob:width${columns}${WORDS.join("")}`)).toHaveLength(2);
	}
});
