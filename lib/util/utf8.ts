const utf8 = new TextEncoder();

/** Bytes of a text in UTF-8. The runtime counts them without encoding; browsers cannot. */
export const utf8Length: (text: string) => number =
	globalThis.Buffer?.byteLength ?? ((text) => utf8.encode(text).length);
