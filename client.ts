#!/usr/bin/env bun
import { chat, outcomeOf } from "./lib/client/chat.ts";
import type { Address } from "./lib/client/connect.ts";
import { json } from "./lib/client/json.ts";
import { Dismissed, type Known, loginPage, type Outcome } from "./lib/client/login.ts";
import { clientHelp, clientOptions, UsageError } from "./lib/options.ts";
import { ChatError } from "./lib/wire/errors.ts";
import { selfTest } from "./lib/wire/fernet.ts";
import { KeyFolder } from "./lib/wire/keys.ts";

const screen = { input: process.stdin, output: process.stdout };

/** Resolves to the exit code. */
async function main(): Promise<number> {
	const options = clientOptions(process.argv.slice(2), process.env);
	if (options === null) {
		console.log(clientHelp);
		return 0;
	}
	selfTest();
	const { address, known, bot } = options;
	const keys = new KeyFolder(options.keys);
	if (bot) return (await json(address, keys, bot, screen)).code;
	if (!process.stdin.isTTY) throw new UsageError("without a terminal, use --json");
	const outcome = await visit(address, keys, known);
	if (outcome.text !== "") console.log(`The end: ${outcome.text}.`);
	return outcome.code;
}

async function visit(address: Address, keys: KeyFolder, known: Known): Promise<Outcome> {
	try {
		const member = await loginPage(address, keys, screen, known);
		return member === null ? { code: 0, text: "" } : await chat(member, screen);
	} catch (error) {
		if (error instanceof Dismissed) return outcomeOf(error.code, error.message);
		throw error;
	}
}

try {
	process.exitCode = await main();
} catch (error) {
	if (!(error instanceof ChatError)) throw error;
	console.error(error.message);
	process.exitCode = error instanceof UsageError ? 1 : 3;
}
// Input that nobody reads any more must not keep the program.
process.stdin.destroy();
