import { nearest } from "../../util/nearest.ts";
import { type Actions, BELLS, CLOCKS, type Command } from "./command.ts";
import { helpPage, helpRow, namesOf } from "./help.ts";
import { OWNER_COMMANDS } from "./owner-commands.ts";

const COMMANDS: readonly Command[] = [
	{
		name: "who",
		aliases: ["names"],
		help: "show who is here, and for how long",
		run: (actions) => actions.who(),
	},
	{
		name: "whois",
		target: "NAME",
		help: "show this of one member",
		run: (actions, { target }) => actions.whois(target),
	},
	{
		name: "tell",
		aliases: ["msg"],
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
	{
		name: "clear",
		help: "clear the screen, but not what has scrolled away",
		run: (actions) => actions.clear(),
	},
	{
		name: "nick",
		text: "[NAME]",
		help: "say why you keep your name",
		run: (actions) => actions.note(keepsName(actions.name)),
	},
	{
		name: "help",
		text: "[COMMAND]",
		help: "show this list, or one command",
		run: (actions, { text }) => help(actions, text),
	},
	{
		name: "leave",
		aliases: ["quit", "exit"],
		help: "leave the room",
		run: (actions) => actions.leave(),
	},
];

const ALL = [...COMMANDS, ...OWNER_COMMANDS];

/** The commands that we offer to an owner of the room, or to anyone else. */
const commandsFor = (isOwner: boolean): readonly Command[] => (isOwner ? ALL : COMMANDS);

export const commandNames = (isOwner: boolean): string[] =>
	commandsFor(isOwner).map(({ name }) => `/${name}`);

/** With their other names. */
export const allNames = (isOwner: boolean): string[] =>
	commandsFor(isOwner).flatMap((command) => namesOf(command).map((name) => `/${name}`));

/** Finds owner commands for everyone: the server, which alone knows the owners, refuses others. */
export function findCommand(typed: string): Command | undefined {
	const name = typed.toLowerCase();
	return ALL.find((command) => namesOf(command).includes(name));
}

/** That a word is no command, and which one it was probably meant to be. */
export function unknownCommand(typed: string, isOwner: boolean): string {
	// Of a short word, two other letters make another.
	const maxErrors = Math.min(2, Math.floor(typed.length / 2));
	const meant = nearest(`/${typed.toLowerCase()}`, allNames(isOwner), maxErrors);
	const advice = meant ? `Did you mean ${meant}?` : "Type /help for the commands.";
	return `There is no command /${typed}. ${advice}`;
}

function help(actions: Actions, about: string): void {
	const typed = about.replace(/^\//, "");
	if (typed === "") {
		const ownerCommands = actions.isOwner ? OWNER_COMMANDS : [];
		return actions.note(helpPage(COMMANDS, ownerCommands, actions.keyHelp));
	}
	const command = findCommand(typed);
	if (!command) return actions.giveBack(unknownCommand(typed, actions.isOwner));
	actions.note(helpRow(command));
}

const keepsName = (name: string): string =>
	`You are ${name} as long as you are here, so that everybody can tell by the name who says something. To be called otherwise, /leave, and log in under another name.`;

/** Nobody can be called `all`. */
function signOut(actions: Actions, target: string): void {
	const isAll = target.toLowerCase() === "all";
	if (target === "" || isAll) return actions.signOut(isAll);
	actions.requestAsOwner({ type: "sign_out_member", who: target });
}

function choose<T extends string>(
	actions: Actions,
	command: string,
	choices: readonly T[],
	given: string,
	set: (choice: T) => void,
): void {
	const choice = choices.find((each) => each === given.toLowerCase());
	if (choice === undefined) return actions.giveBack(`Usage: /${command} ${choices.join("|")}`);
	set(choice);
	actions.note(`/${command} is now ${choice}.`);
}
