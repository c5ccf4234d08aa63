/** Needs no quotes in any shell. `=`, `~` and `%` mean something to one shell or another at a start. */
const PLAIN = /^[\w./-][\w./:@,+-]*$/;
/** No spelling of these is the same to every shell, and a terminal could obey them. */
const UNPASTABLE = /\p{C}|\p{Zl}|\p{Zp}/u;

/**
 * A word of a printed command, so that it can be pasted into sh, bash, zsh, fish and tcsh, and means
 * the same to each. The text must be one that `canPaste` accepts.
 */
export function shellWord(text: string): string {
	if (PLAIN.test(text)) return text;
	// Between single quotes fish takes `\` and tcsh takes `!` for themselves, so these stand outside.
	const parts = text.match(/[^'\\!]+|['\\!]/g) ?? [""];
	return parts.map((part) => (/^['\\!]$/.test(part) ? `\\${part}` : `'${part}'`)).join("");
}

export const canPaste = (text: string): boolean => !UNPASTABLE.test(text);

/** A sentence that tells a person to run a command on a file; it ends without a full stop, to copy. */
export const runOn = (command: string, path: string): string =>
	canPaste(path) ? `Run: ${command} ${shellWord(path)}` : `Run ${command} on it`;
