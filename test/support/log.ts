import { eventually } from "./eventually.ts";
import type { RunningServer } from "./local-server.ts";

export type LogLine = { at: number; event: string } & Record<string, unknown>;

/** What a server with `--log json` has logged so far. */
export const entriesIn = ({ err }: RunningServer): LogLine[] =>
	err
		.slice(0, err.lastIndexOf("\n") + 1)
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line));

/** Waits for an entry that has at least these fields. */
export const waitForEntry = (server: RunningServer, fields: Partial<LogLine>): Promise<LogLine> =>
	eventually(
		JSON.stringify(fields),
		() =>
			entriesIn(server).find((entry) =>
				Object.entries(fields).every(([name, value]) => entry[name] === value),
			),
		() => server.err,
	);

/** The lines of a server's log that report problems of the server itself. */
export const problemsIn = ({ err }: RunningServer): string[] =>
	err.split("\n").filter((line) => / (error|warning)(?: from \S+)?: /.test(line));
