import type { ReadStream, WriteStream } from "node:tty";
import { ChatError } from "../util/errors.ts";
import { KeyFolder } from "../wire/key-folder.ts";
import { chat } from "./chat/chat.ts";
import type { Bell } from "./chat/command.ts";
import { type Outcome, outcomeOf } from "./chat/exit-status.ts";
import { clackPage, clackVouch } from "./login/clack-page.ts";
import { recall, remember } from "./login/last-login.ts";
import { type Choice, type Desk, type Known, signIn } from "./login/login-flow.ts";
import { plainPage, plainVouch } from "./login/plain-page.ts";
import { type Address, isRemote, type Route } from "./net/endpoint.ts";
import { type Credentials, Denied, Dismissed, enter } from "./net/join.ts";
import { Trust } from "./net/known-servers.ts";
import type { Membership } from "./net/membership.ts";
import { mailCode, waysOf } from "./net/queries.ts";
import { meet } from "./net/verify-server.ts";
import { Style } from "./terminal/style.ts";
import { json } from "./ui/json-ui.ts";
import { plain } from "./ui/plain-ui.ts";
import { interactive } from "./ui/terminal-ui.ts";
import { aborted } from "./util/abort.ts";
import { Settings } from "./util/config-dir.ts";

export interface RunOptions {
	readonly address: Address;
	readonly keys: string;
	readonly known: Known;
	/** Who to log in as without a prompt; null where a person is asked. */
	readonly credentials: Credentials | null;
	readonly json: boolean;
	readonly plain: boolean;
	readonly bell: Bell;
}

/** What a program has around it. */
export interface Surroundings {
	readonly input: ReadStream;
	readonly output: WriteStream;
	readonly environment: Record<string, string | undefined>;
	/** Aborted when the program is told to end. */
	readonly signal: AbortSignal;
	/** Has something done at the very end, however it comes. */
	readonly atExit: (action: () => void) => void;
}

const NOT_LOGGED_IN: Outcome = { code: 0, text: "you did not log in" };

/** A visit from login to goodbye, on whatever there is to see and type on. */
export async function run(options: RunOptions, around: Surroundings): Promise<Outcome> {
	const { credentials, address } = options;
	const settings = new Settings(around.environment);
	const keys = isRemote(address) ? undefined : new KeyFolder(options.keys);
	around.atExit(() => keys?.removePublished());
	const route = { address, keys, trust: new Trust(settings) };
	if (options.json && credentials) return json(route, credentials, around);
	try {
		if (!credentials) return await asPerson(options, around, route, settings);
		const membership = await Promise.race([enter(route, credentials), aborted(around.signal)]);
		return membership ? await talk(membership, options, around, []) : NOT_LOGGED_IN;
	} catch (error) {
		if (error instanceof Dismissed) return outcomeOf(error.code, error.message);
		if (error instanceof Denied) return { code: 2, text: error.message };
		if (error instanceof ChatError) return { code: 3, text: error.message };
		throw error;
	}
}

/** Through the login page, and through it again when the server has forgotten everybody. */
async function asPerson(
	options: RunOptions,
	around: Surroundings,
	route: Route,
	settings: Settings,
): Promise<Outcome> {
	const { signal } = around;
	let { known } = options;
	let offered = recall(settings);
	let unsent: NonNullable<Outcome["unsent"]> = [];
	const joinAndRemember = async (given: Credentials): Promise<Membership> => {
		const membership = await enter(route, given);
		offered = { name: given.name, email: given.email };
		remember(offered, settings);
		return membership;
	};
	for (;;) {
		const vouch = options.plain ? plainVouch(around) : clackVouch(around);
		if (!(await meet(route, vouch, signal))) return NOT_LOGGED_IN;
		const choices = await Promise.race([choicesAt(route), aborted(signal)]);
		if (choices === null) return NOT_LOGGED_IN;
		const place = { address: options.address, choices };
		const page = options.plain ? plainPage(place, around) : clackPage(place, around);
		const mail: Desk["mailCode"] = (email) => mailCode(route, email);
		const desk: Desk = { choices, mailCode: mail, enter: joinAndRemember };
		const membership = await signIn(page, desk, known, offered, signal);
		if (membership === null) return NOT_LOGGED_IN;
		const outcome = await talk(membership, options, around, unsent);
		if (outcome.unsent === undefined) return outcome;
		around.output.write(`${outcome.text}\n`);
		unsent = outcome.unsent;
		// Only a person can say that they want to log in again, and as whom.
		known = { name: undefined, email: undefined };
	}
}

/** What the server lets a person choose from. Throws Denied where that is nothing. */
async function choicesAt(route: Route): Promise<readonly Choice[]> {
	const ways = await waysOf(route);
	const choices = (["code", "password"] as const).filter((way) => ways.includes(way));
	if (choices.length > 0) return choices;
	throw new Denied("way_not_accepted", "this server takes access tokens alone: see --token");
}

function talk(
	membership: Membership,
	{ bell, plain: isPlain }: RunOptions,
	{ input, output, signal, atExit }: Surroundings,
	unsent: NonNullable<Outcome["unsent"]>,
): Promise<Outcome> {
	const style = new Style(!isPlain && output.hasColors());
	return chat(membership, {
		style,
		bell,
		unsent,
		signal,
		open: (conversation, submit, leave) => {
			if (isPlain) return plain({ input, output }, conversation, submit, leave);
			const ui = interactive({ input, output }, style, conversation, submit, leave);
			atExit(() => ui.close());
			return ui;
		},
	});
}
