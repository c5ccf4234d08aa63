import { expect, test } from "bun:test";
import { nearest } from "../../../lib/util/nearest.ts";

const COMMANDS = ["/tell", "/me", "/bell", "/time", "/help", "/who", "/whois", "/close", "/mute"];

test.each<[typed: string, meant: string | undefined]>([
	["/tel", "/tell"],
	// Two letters that changed places are one slip.
	["/hepl", "/help"],
	["/tlel", "/tell"],
	["/clsoe", "/close"],
	["/em", "/me"],
	["/hwo", "/who"],
	// Of two as near, the one that begins alike.
	["/hell", "/help"],
	["/belp", "/bell"],
	["/helll", "/help"],
	["/mue", "/mute"],
	["/mell", "/tell"],
	["/abc", undefined],
	["/x", undefined],
])("%s was probably meant to be %s", (typed, meant) => {
	const maxErrors = Math.min(2, Math.floor((typed.length - 1) / 2));
	expect(nearest(typed, COMMANDS, maxErrors)).toBe(meant);
});

test.each<[typed: string, meant: string | undefined]>([
	["CAHT", "CHAT"],
	["CHAR", "CHAT"],
	["CART", undefined],
	["TACH", undefined],
])("with one slip at most, %s is %s", (typed, meant) => {
	expect(nearest(typed, ["CHAT"], 1)).toBe(meant);
});
