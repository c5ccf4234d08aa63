import { afterAll, beforeAll, expect, test } from "bun:test";
import { PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";

// The login page on terminals of all widths: its sentences stay beside its bar.

let stage: Stage;
beforeAll(async () => {
	stage = await Stage.openWith(
		{ isLocal: true, isMailing: true },
		...["--remember-days", "30", "--methods", "password,code"],
	);
});
afterAll(() => stage[Symbol.asyncDispose]());

/** What a row of the page begins with: the bar, one of clack's signs, our mark, or blanks below the bar. */
const BESIDE_BAR = /^(?:[┌│└◇◆▲■▐]$|[┌│└◇◆▲■▐◒◐◓◑ ] {2,}\S)/;

/** The page's rows, and its words without what stands beside them. */
function pageOf({ lines }: Screen): { rows: string[]; words: string } {
	const rows = lines.slice(lines.findIndex((line) => line.startsWith("┌")));
	return {
		rows,
		words: rows
			.map((row) => row.slice(3))
			.join(" ")
			.replaceAll(/\s+/g, " "),
	};
}

/** Waits for words on the page, wherever its rows are broken, and checks these. */
async function waitForWords(screen: Screen, words: string): Promise<void> {
	const pattern = words.replaceAll(/[.()?*]/g, "\\$&").replaceAll(" ", "[\\s│└]+");
	await screen.waitForText(RegExp(pattern));
	const { rows, words: seen } = pageOf(screen);
	expect(seen).toContain(words);
	expect(rows.filter((row) => row !== "" && !BESIDE_BAR.test(row))).toEqual([]);
}

const EXPECTED =
	"A name is 1 to 24 of the characters A-Z a-z 0-9 . _ -, but not punctuation alone, and none that the room itself writes (you, all, everybody, nobody, PRIVATE, ANNOUNCEMENT).";

test.each([20, 33, 48, 80, 200])("in %i columns", async (cols) => {
	const config = { XDG_CONFIG_HOME: `${stage.keys}/${cols}` };
	await using screen = new Screen("client.ts", stage.clientArgs(), {
		cols,
		rows: 90,
		env: config,
		isLocal: true,
	});
	await screen.waitForText(/◆ {2}User\s+[│ ]*name/);
	await waitForWords(screen, "The server can read them.");
	screen.type("nobody\r");
	await waitForWords(screen, EXPECTED);
	screen.type(`\x15ann\r`);
	await waitForWords(screen, "Mail address");
	screen.type("ann@gmail.com\r");
	await waitForWords(screen, "How do you want to log in?");
	screen.type("\r");
	await waitForWords(screen, "If ann@gmail.com can join this room, a code is on its way there.");
	await waitForWords(screen, "Code from the mail (leave empty to start again)");
	screen.type("12\r");
	await waitForWords(screen, "A code is six digits.");
	// What is being asked is broken anew. What was said before is the terminal's, as in the room.
	const sizes: [cols: number, question: RegExp][] = [
		[30, /Code from the mail \(leave\n│ {2}empty to start again\)/],
		[Math.max(cols, 60), /Code from the mail \(leave empty to start again\)/],
	];
	for (const [cols, question] of sizes) {
		screen.resize(cols, 90);
		await screen.waitForText(question);
	}
	screen.type("\x15\r");
	await screen.waitForText(/start again\)[\s\S]*User\s+[│└ ]*name/);
	screen.type("\r");
	await screen.waitForText(/start again\)[\s\S]*Mail\s+[│└ ]*address/);
	screen.type("\r");
	await screen.waitForText(/start again\)[\s\S]*How\s+[│└ ]*do/);
	screen.type("\x1b[B\r");
	await screen.waitForText(/[◆▲] {2}Password/);
	screen.type("wrongwrongwrongw\r");
	await waitForWords(screen, "Remember this device?");
	screen.type("\r");
	await waitForWords(screen, "!! localhost rejected this address and password.");
	expect(screen.written).not.toContain(PASSWORD);
});
