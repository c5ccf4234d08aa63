import type { Editor } from "../../../../lib/client/editor/line-editor.ts";
import type { KeyName } from "../../../../lib/client/keyboard/key-decoder.ts";

export const pictureOf = ({ text, cursor }: Editor): string =>
	`${text.slice(0, cursor)}|${text.slice(cursor)}`;

export const FAMILY = "👨‍👩‍👧‍👦";

export const TABLE: [string, KeyName[], string][] = [
	["ab|c", ["left", "ctrl-b"], "a|bc"],
	["|ab", ["left", "home", "word-left", "backspace", "ctrl-w", "ctrl-u", "ctrl-t"], "|ab"],
	["ab|", ["right", "end", "word-right", "delete", "alt-d", "ctrl-k", "up", "down"], "ab|"],
	["a|bc", ["right", "ctrl-f"], "ab|c"],
	[`a${FAMILY}|b`, ["left"], `a|${FAMILY}b`],
	["|🇩🇪🇫🇷", ["right"], "🇩🇪|🇫🇷"],
	["cafe\u0301|s", ["left"], "caf|e\u0301s"],
	["a\n|b", ["left"], "a|\nb"],
	["one two|", ["home", "ctrl-a"], "|one two"],
	["|one two", ["end", "ctrl-e"], "one two|"],
	["one\ntw|o\nthree", ["home", "ctrl-a"], "one\n|two\nthree"],
	["one\nt|wo\nthree", ["end", "ctrl-e"], "one\ntwo|\nthree"],
	["\n|", ["home"], "\n|"],
	["|\n", ["home", "end"], "|\n"],
	["one, two |", ["word-left", "alt-b"], "one, |two "],
	["one, t|wo", ["word-left", "alt-b"], "one, |two"],
	["one|, two", ["word-right", "alt-f"], "one, two|"],
	["o|ne, two", ["word-right", "alt-f"], "one|, two"],
	["|don't go", ["word-right"], "don't| go"],
	["日本語の文章|", ["word-left"], "日本語の|文章"],
	["one\ntwo |", ["word-left"], "one\n|two "],
	["!!|", ["word-left"], "|!!"],
	// This vowel is drawn with the mark before it: it begins a word, but not a character.
	["!\u0e33|", ["word-left"], "|!\u0e33"],
	["ab|c", ["backspace"], "a|c"],
	[`a${FAMILY}|b`, ["backspace"], "a|b"],
	["a\n|b", ["backspace"], "a|b"],
	["a|bc", ["delete"], "a|c"],
	["a|e\u0301c", ["delete"], "a|c"],
	["see a.b/c? |now", ["ctrl-w"], "see |now"],
	["see a.b/c|", ["alt-backspace"], "see a.b/|"],
	["say |hello, you", ["alt-d"], "say |, you"],
	["one\ntwo| three", ["ctrl-u"], "one\n| three"],
	["one\n|two", ["ctrl-u"], "one|two"],
	["one| two\nthree", ["ctrl-k"], "one|\nthree"],
	["one|\ntwo", ["ctrl-k"], "one|two"],
	["a|b", ["ctrl-t"], "ba|"],
	["abc|", ["ctrl-t"], "acb|"],
	["a\u0301|👍🏽c", ["ctrl-t"], "👍🏽a\u0301|c"],
	["a\nbc|\nd", ["ctrl-t"], "a\ncb|\nd"],
	["ab\n|c", ["ctrl-t"], "ab\n|c"],
	["a|", ["ctrl-t"], "a|"],
	["one\ntw|o", ["up"], "on|e\ntwo"],
	["日本語\nab|c", ["up"], "日本|語\nabc"],
	["a\nbcd|", ["up"], "a|\nbcd"],
	["a\n\nbc|", ["up"], "a\n|\nbc"],
	["on|e\ntwo", ["down"], "one\ntw|o"],
	[`${FAMILY}${FAMILY}|\nabc`, ["down"], `${FAMILY}${FAMILY}\nab|c`],
	["thr|ee\na", ["down"], "three\na|"],
];
