#!/usr/bin/env bun

// Draws test/picture.svg, README's picture: a real conversation between three real terminals.

import { join } from "node:path";
import { PASSWORD } from "./support/mailbox.ts";
import { Stage } from "./support/programs.ts";
import { ROOT } from "./support/root.ts";
import { type Run, Screen } from "./support/terminal.ts";

const COLS = 48;
const ROWS = 12;
const CELL = { width: 7.8, height: 17 };
const GAP = 14;
const BAR = 26;

const BACKGROUND = "#16161e";
const FOREGROUND = "#d5d8e6";
/** The sixteen colours that a terminal knows by number. */
const COLOURS = [
	...["#15161e", "#f7768e", "#9ece6a", "#e0af68", "#7aa2f7", "#bb9af7", "#7dcfff", "#a9b1d6"],
	...["#565f89", "#ff9eaf", "#b9f27c", "#ffc777", "#9ab8ff", "#d2b6ff", "#a4daff", "#ffffff"],
];

/** Three people, each on a terminal of their own, and what they type. */
async function conversation(stage: Stage): Promise<Screen[]> {
	const enter = async (name: string): Promise<Screen> => {
		const flags = stage.clientArgs("--name", name, "--email", `${name}@gmail.com`);
		const screen = new Screen("client.ts", flags, { cols: COLS, rows: ROWS });
		await screen.waitForText("Password");
		screen.type(`${PASSWORD}\r`);
		await screen.waitForText("You are");
		screen.type("\x0c");
		return stage.tidy(screen);
	};
	const ann = await enter("ann");
	const bob = await enter("bob");
	await ann.waitForText("bob joined");
	const zoe = await enter("zoe");
	await ann.waitForText("zoe joined");
	const say = async (from: Screen, line: string, seen: string): Promise<void> => {
		from.type(`${line}\r`);
		for (const screen of [ann, bob, zoe]) await screen.waitForText(seen);
	};
	await say(ann, "Morning! Who has the notes from last week's evening?", "has the notes");
	await say(bob, "@ann https://example.com/notes/11", "notes/11");
	await say(zoe, "/me reads 日本語 and 👋", "and 👋");
	bob.type("/tell ann It went well\r");
	await ann.waitForText("It went well");
	ann.type("/reply Wonder");
	await ann.waitForText("to bob only");
	zoe.type("Two lines\x1b\rin one message");
	await zoe.waitForText("in one message");
	bob.type("/wh");
	await bob.waitForText("Tab: /who");
	return [ann, bob, zoe];
}

function drawRun({ text, column, look }: Run, y: number): string {
	const x = column * CELL.width;
	const colour = (look.colour === null ? undefined : COLOURS[look.colour]) ?? FOREGROUND;
	const width = Bun.stringWidth(text) * CELL.width;
	const box = `<rect x="${x}" y="${y - 13}" width="${width}" height="${CELL.height}" fill="${colour}"/>`;
	const weight = look.isBold ? ' font-weight="bold"' : "";
	const opacity = look.isDim ? ' opacity="0.6"' : "";
	const fill = look.isInverse ? BACKGROUND : colour;
	const label = `<text x="${x}" y="${y}" fill="${fill}" textLength="${width}"${weight}${opacity}>${Bun.escapeHTML(text)}</text>`;
	return look.isInverse ? box + label : label;
}

function draw(screen: Screen, title: string, left: number): string {
	const rows = screen.runs.map((runs, row) =>
		runs
			.filter(({ text, look }) => text.trim() !== "" || look.isInverse)
			.map((run) => drawRun(run, BAR + 20 + row * CELL.height))
			.join(""),
	);
	return `<g transform="translate(${left} 0)">
<rect x="-10" width="${COLS * CELL.width + 20}" height="${BAR + ROWS * CELL.height + 20}" rx="8" fill="${BACKGROUND}"/>
<text x="0" y="18" fill="#737aa2">${title}</text>
${rows.filter((row) => row !== "").join("\n")}
</g>`;
}

await using stage = await Stage.open();
const screens = await conversation(stage);
const width = COLS * CELL.width + 20;
const panes = ["ann", "bob", "zoe"].map((name, index) => {
	const screen = screens[index];
	return screen ? draw(screen, `${name}: bun client.ts`, 10 + index * (width + GAP)) : "";
});
const size = `${3 * width + 2 * GAP} ${BAR + ROWS * CELL.height + 20}`;
await Bun.write(
	join(ROOT, "test/picture.svg"),
	`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13" xml:space="preserve">
<title>Three terminals side by side, in which ann, bob and zoe talk</title>
${panes.join("\n")}
</svg>
`,
);
