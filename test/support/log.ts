import { eventually } from "./eventually.ts";
import type { Program } from "./programs.ts";

export type Logged = { at: number; event: string } & Record<string, unknown>;

/** What a server with `--log json` has told its owner so far. */
export const entriesIn = ({ err }: Program): Logged[] =>
	err
		.slice(0, err.lastIndexOf("\n") + 1)
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line));

/** Waits for an entry that has at least these fields. */
export const logs = (server: Program, fields: Partial<Logged>): Promise<Logged> =>
	eventually(
		JSON.stringify(fields),
		() =>
			entriesIn(server).find((entry) =>
				Object.entries(fields).every(([name, value]) => entry[name] === value),
			),
		() => server.err,
	);

/** The lines of a server's log about what went wrong with the server itself. */
export const troublesIn = ({ err }: Program): string[] =>
	err.split("\n").filter((line) => / (error|warning): /.test(line));
