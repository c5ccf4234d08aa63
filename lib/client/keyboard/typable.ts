/** C0 except newline and tab, DEL, C1, and lone surrogates. */
const UNTYPABLE = /(?![\n\t])\p{Cc}|\p{Cs}/gu;

/** A text from outside as it could have been typed: line ends as newlines, and nothing to obey. */
export const typable = (text: string): string =>
	text.replace(/\r\n?/g, "\n").replace(UNTYPABLE, "");
