/** One drawing and how high it is. */
export interface Panel {
	readonly svg: string;
	readonly height: number;
}

export const label = (x: number, y: number, text: string, more = ""): string =>
	`<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${more && ` ${more}`}>${Bun.escapeHTML(text)}</text>`;
