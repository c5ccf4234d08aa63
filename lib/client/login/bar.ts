import { styleText } from "node:util";
import { S_BAR } from "@clack/prompts";
import { sizeOf } from "../terminal/layout.ts";
import { rowsOf } from "../terminal/wrap.ts";
import type { LoginStreams } from "./login-page.ts";

/** What clack begins a row with: its bar, or another sign, and two blanks. */
const WIDTH = 3;
export const BAR = `${styleText("gray", S_BAR)}  `;
/** Below the last row there is no bar. */
export const NO_BAR = " ".repeat(WIDTH);

/**
 * Breaks a text between its words for clack, which leaves most of them to the terminal, and that would
 * go on where the bar is. Every row but the first begins with `further`.
 */
export function besideBar(
	text: string,
	{ output }: Pick<LoginStreams, "output">,
	further = "",
): string {
	const { columns } = sizeOf(output);
	const rows = text
		.split("\n")
		.flatMap((line) =>
			rowsOf(line, columns, WIDTH, WIDTH).map(([start, end]) => line.slice(start, end)),
		);
	return rows.join(`\n${further}`);
}
