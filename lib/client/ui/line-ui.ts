import type { Ui, UiOptions } from "../chat/ui.ts";
import type { HistoryFile } from "../editor/history-file.ts";
import type { ScreenSize } from "../terminal/layout.ts";
import type { Style } from "../terminal/style.ts";
import type { OwnSecret } from "../util/own-secret.ts";

/** A UI that shows lines, one after the other. */
export interface LineUi extends Ui {
	/** Adds a line to the transcript; it may contain newlines. */
	print(line: string): void;
	/** How much the user sees at once. */
	readonly size: ScreenSize;
}

/** What a line UI needs besides its streams and the conversation. */
export interface LineUiOptions extends UiOptions {
	readonly style: Style;
	/** What the user logs in with, which no history keeps. */
	readonly secret: Pick<OwnSecret, "isIn">;
	/** What was entered in earlier runs; undefined if nothing is saved. */
	readonly history: HistoryFile | undefined;
}
