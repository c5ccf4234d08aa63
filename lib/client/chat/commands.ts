import { type Actions, BELLS, CLOCKS, type Command } from "./command.ts";
import { OWNER_COMMANDS } from "./owner-commands.ts";

const COMMANDS: readonly Command[] = [
	{ name: "who", usage: "", help: "who is here, and for how long", run: (room) => room.who() },
	{
		name: "tell",
		usage: "NAME TEXT",
		help: "a line to one person alone",
		run: (room, rest) => {
			const [, name = "", text = ""] = /^@?([^\s@]\S*)\s+([\s\S]+)$/.exec(rest) ?? [];
			if (text === "") return room.problem("/tell NAME TEXT");
			room.tell(name, text);
		},
	},
	{
		name: "reply",
		usage: "TEXT",
		help: "a line to whoever told you something last",
		run: (room, rest) => {
			if (room.replyTo === null) return room.problem("nobody has told you anything yet");
			room.tell(room.replyTo, rest);
		},
	},
	{
		name: "me",
		usage: "TEXT",
		help: "what you do: /me waves",
		run: (room, rest) => room.say(rest, true),
	},
	{
		name: "ignore",
		usage: "[NAME]",
		help: "hide or show a person's lines; alone, whose are hidden",
		run: (room, rest) => room.ignore(rest.replace(/^@/, "")),
	},
	{
		name: "again",
		usage: "",
		help: "send once more what was not sent",
		run: (room) => room.resend(),
	},
	{
		name: "forget",
		usage: "",
		help: "give up on what was not sent",
		run: (room) => room.forget(),
	},
	{
		name: "bell",
		usage: BELLS.join("|"),
		help: "when to ring",
		run: (room, rest) => choose(room, "bell", BELLS, rest, (bell) => room.setBell(bell)),
	},
	{
		name: "time",
		usage: CLOCKS.join("|"),
		help: "how to show times",
		run: (room, rest) => choose(room, "time", CLOCKS, rest, (clock) => room.setClock(clock)),
	},
	{
		name: "save",
		usage: "FILE",
		help: "write the transcript into a new file",
		run: (room, rest) => room.save(rest),
	},
	{ name: "help", usage: "", help: "this", run: (room) => room.note(help(room.isOwner)) },
	{ name: "leave", usage: "", help: "leave the room", run: (room) => room.leave() },
];

/** Where what a command does begins in the help. */
const HELP_COLUMN = 25;
const ALL = [...COMMANDS, ...OWNER_COMMANDS];

/** What there is for an owner of the room, or for anybody else. */
const commandsFor = (isOwner: boolean): readonly Command[] => (isOwner ? ALL : COMMANDS);

const help = (isOwner: boolean): string =>
	[
		"what you can type:",
		...COMMANDS.map(row),
		`${"//text".padEnd(HELP_COLUMN)}a line that begins with a slash`,
		...(isOwner ? ["as an owner of the room:", ...OWNER_COMMANDS.map(row)] : []),
		"Alt-Enter, or \\ before Enter, adds a line; Tab completes names and commands",
	].join("\n");

const row = ({ name, usage, help }: Command): string =>
	`/${name} ${usage}`.padEnd(HELP_COLUMN) + help;

export const commandNames = (isOwner: boolean): string[] =>
	commandsFor(isOwner).map(({ name }) => `/${name}`);

/** Does what a line that begins with one slash asks for; nothing of it is ever said. */
export function runCommand(actions: Actions, line: string): void {
	const [, name = "", rest = ""] = /^\/(\S*)\s*([\s\S]*)$/.exec(line) ?? [];
	// An owner's command of somebody who is none is refused by the server, which alone can know.
	const command = ALL.find((each) => each.name === name);
	if (!command) return actions.problem(`there is no /${name}; /help lists what there is`);
	if (rest === "" && /^[^[]/.test(command.usage)) {
		return actions.problem(`/${name} ${command.usage}`);
	}
	command.run(actions, rest.trim());
}

function choose<T extends string>(
	actions: Actions,
	command: string,
	choices: readonly T[],
	given: string,
	set: (choice: T) => void,
): void {
	const choice = choices.find((each) => each === given);
	if (choice === undefined) return actions.problem(`/${command} ${choices.join("|")}`);
	set(choice);
	actions.note(`${command}: ${choice}`);
}
