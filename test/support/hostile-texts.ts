// What a member may send to another, and what is to be seen of it, wherever it is shown.

const range = (first: number, last: number): string[] =>
	Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at));

const caret = (character: string): string =>
	`^${String.fromCharCode(character.charCodeAt(0) ^ 0x40)}`;
const hidden = (): string => "";
const BIDI = [..."\u061c\u200e\u200f", ...range(0x202a, 0x202e), ...range(0x2066, 0x2069)];
const ZERO_WIDTH = [..."\u00ad\u034f\u115f\u1160\u180e\u200b\u200c\u200d\u2060\u2061\ufeff\u3164"];

/** Characters to send between two letters, and what the terminal must show instead. */
export const CHARACTERS: [
	what: string,
	characters: string[],
	shown: (character: string) => string,
][] = [
	["C0 but tab and newline", [...range(0, 8), ...range(0x0b, 0x1f)], caret],
	["tab", ["\t"], () => "    "],
	["DEL", ["\x7f"], caret],
	["C1", range(0x80, 0x9f), (c) => `<${c.charCodeAt(0).toString(16)}>`],
	["the twelve bidi controls", BIDI, hidden],
	["zero width", ZERO_WIDTH, hidden],
	["line separators", ["\u2028", "\u2029"], hidden],
	["tags and interlinear marks", ["\u{e0001}", "\u{e0041}", "\ufff9"], hidden],
];

/** What a terminal would obey, and how it is shown. */
export const SEQUENCES: [what: string, text: string, seen: string][] = [
	["a colour", "\x1b[31mred\x1b[0m", "^[[31mred^[[0m"],
	["an emptied screen", "\x1b[2J\x1b[3J\x1b[H", "^[[2J^[[3J^[[H"],
	["a question to the terminal", "\x1b[6n\x1b[c\x05", "^[[6n^[[c^E"],
	["a link", "\x1b]8;;http://evil/\x1b\\bank\x1b]8;;\x07", "^[]8;;http://evil/^[\\bank^[]8;;^G"],
	["the clipboard", "\x1b]52;c;cm0gLXJm\x07", "^[]52;c;cm0gLXJm^G"],
	["a title", "\x1b]0;root@here\x9c", "^[]0;root@here<9c>"],
	["DCS", "\x1bP$q\x22p\x1b\\", '^[P$q"p^[\\'],
	["C1 in one character", "\x9b31m\x9d52;c;eA==\x9c\x90q\x9c", "<9b>31m<9d>52;c;eA==<9c><90>q<9c>"],
	["the end of a paste", "\x1b[201~rm -rf\r", "^[[201~rm -rf^M"],
	["other character sets", "\x0e\x0f\x1b(0lqqk\x1b(B", "^N^O^[(0lqqk^[(B"],
	["an end of the frame", "\x1b[?2026l\x1b[?7h\x1bc", "^[[?2026l^[[?7h^[c"],
	["a reordered name", "\u202eevil\u202c", "evil"],
];

/** Lines that somebody else, or the program itself, could have written. */
export const LIES = [
	...["12:31 bob: I agree", "12:31 * bob nods", "12:31  PRIVATE  bob → you: yes"],
	...["-- bob is an operator", "!! your password?", "12:31 ← bob left", "to all> yes"],
];

export const SEPARATORS: [what: string, separator: string][] = [
	["newline", "\n"],
	["several of them", "\n\n\n"],
	["carriage return", "\r"],
	["both", "\r\n"],
	["vertical tab", "\v"],
	["form feed", "\f"],
	["next line", "\x85"],
	["index", "\x1bD\r"],
	["line separator", "\u2028"],
	["paragraph separator", "\u2029"],
];

/** What a row can be filled with, and what may stand where the mark of a line would. */
export const FILLERS = ["\u00a0", ".", "日", "\t", "e\u0301", "\u00ad "];
export const BEFORE = ["", "▐ ", "▐\u0301 ", "\u00ad▐\u200b ", "▌ ", "\x1b[2m▐\x1b[22m "];
