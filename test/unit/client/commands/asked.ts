import type { Actions } from "../../../../lib/client/commands/command.ts";
import { runLine } from "../../../../lib/client/commands/run-line.ts";

/** The calls that a line makes on the room, each as a list of its name and its arguments. */
export function asked(line: string, isOwner = false): unknown[][] {
	const calls: unknown[][] = [];
	const note =
		(name: string) =>
		(...given: unknown[]): void =>
			void calls.push([name, ...given]);
	const actions: Actions = {
		who: note("who"),
		whois: note("whois"),
		clear: note("clear"),
		name: "ann",
		keyHelp: ["Alt-Enter begins a new line."],
		say: note("say"),
		tell: note("tell"),
		reply: note("reply"),
		ignore: note("ignore"),
		more: note("more"),
		resend: note("again"),
		forget: note("forget"),
		setBell: note("setBell"),
		setClock: note("setClock"),
		save: note("save"),
		isOwner,
		requestAsOwner: note("ask"),
		devices: note("devices"),
		signOut: note("signOut"),
		leave: note("leave"),
		note: note("note"),
		problem: note("problem"),
		giveBack: note("giveBack"),
	};
	runLine(actions, line);
	return calls;
}
