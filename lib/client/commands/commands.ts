import { type Actions, BELLS, CLOCKS, type Command } from "./command.ts";
import { OWNER_COMMANDS } from "./owner-commands.ts";

const COMMANDS: readonly Command[] = [
	{ name: "who", help: "show who is here, and for how long", run: (actions) => actions.who() },
	{
		name: "tell",
		target: "NAME",
		text: "TEXT",
		audience: "target",
		help: "send a private message",
		run: (actions, { target, text }) => actions.tell(target, text),
	},
	{
		name: "reply",
		text: "TEXT",
		audience: "sender",
		help: "reply to your latest private message",
		run: (actions, { text }) => actions.reply(text),
	},
	{
		name: "me",
		text: "TEXT",
		audience: "everybody",
		help: "say what you do, for example: /me waves",
		run: (actions, { text }) => actions.say(text, true),
	},
	{
		name: "more",
		help: "read on in the latest message that was too long for the screen",
		run: (actions) => actions.more(),
	},
	{
		name: "ignore",
		target: "[NAME]",
		help: "hide somebody's lines until they leave, or show them; alone, list whose",
		run: (actions, { target }) => actions.ignore(target),
	},
	{
		name: "again",
		help: "send again what was not sent",
		run: (actions) => actions.resend(),
	},
	{
		name: "forget",
		help: "drop what was not sent",
		run: (actions) => actions.forget(),
	},
	{
		name: "bell",
		text: BELLS.join("|"),
		help: "choose when to ring",
		run: (actions, { text }) =>
			choose(actions, "bell", BELLS, text, (bell) => actions.setBell(bell)),
	},
	{
		name: "time",
		text: CLOCKS.join("|"),
		help: "choose how to show times",
		run: (actions, { text }) =>
			choose(actions, "time", CLOCKS, text, (clock) => actions.setClock(clock)),
	},
	{
		name: "save",
		text: "FILE",
		help: "save the transcript in a new file",
		run: (actions, { text }) => actions.save(text),
	},
	{
		name: "devices",
		help: "list the devices that log you in",
		run: (actions) => actions.devices(),
	},
	{
		name: "signout",
		target: "[all]",
		help: "have this device forgotten, or all of yours",
		run: (actions, { target }) => signOut(actions, target),
	},
	{ name: "help", help: "show this list", run: (actions) => actions.note(help(actions.isOwner)) },
	{ name: "leave", help: "leave the room", run: (actions) => actions.leave() },
];

/** Column in the help at which the descriptions begin. */
const HELP_COLUMN = 25;
const ALL = [...COMMANDS, ...OWNER_COMMANDS];

/** The commands that we offer to an owner of the room, or to anyone else. */
const commandsFor = (isOwner: boolean): readonly Command[] => (isOwner ? ALL : COMMANDS);

const help = (isOwner: boolean): string =>
	[
		"Commands:",
		...COMMANDS.map(row),
		`${"//text".padEnd(HELP_COLUMN)}say a line that begins with a slash`,
		...(isOwner ? ["For owners of the room:", ...OWNER_COMMANDS.map(row)] : []),
		"Alt-Enter, or \\ before Enter, begins a new line. Tab completes names and commands.",
	].join("\n");

const row = (command: Command): string => usageOf(command).padEnd(HELP_COLUMN) + command.help;

export const commandNames = (isOwner: boolean): string[] =>
	commandsFor(isOwner).map(({ name }) => `/${name}`);

/** Finds owner commands for everyone: the server, which alone knows the owners, refuses others. */
export const findCommand = (name: string): Command | undefined =>
	ALL.find((each) => each.name === name);

/** How to type a command: `/tell NAME TEXT`. */
export const usageOf = ({ name, target, text }: Command): string =>
	[`/${name}`, target, text].filter((part) => part !== undefined).join(" ");

/** Nobody can be called `all`. */
function signOut(actions: Actions, target: string): void {
	if (target === "" || target === "all") return actions.signOut(target === "all");
	actions.requestAsOwner({ type: "sign_out_member", who: target });
}

function choose<T extends string>(
	actions: Actions,
	command: string,
	choices: readonly T[],
	given: string,
	set: (choice: T) => void,
): void {
	const choice = choices.find((each) => each === given);
	if (choice === undefined) return actions.problem(`Usage: /${command} ${choices.join("|")}`);
	set(choice);
	actions.note(`/${command} is now ${choice}.`);
}
