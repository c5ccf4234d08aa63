/** 128 random bits as 32 hexadecimal characters: session ids, resume tokens and tickets. */
export const RANDOM_ID = /^[0-9a-f]{32}$/;

export const randomId = (): string => crypto.getRandomValues(new Uint8Array(16)).toHex();

export const isRandomId = (text: string): boolean => RANDOM_ID.test(text);

/** 64 random bits as 11 characters of base64url: messages and visits. */
export const shortId = (): string =>
	crypto.getRandomValues(new Uint8Array(8)).toBase64({ alphabet: "base64url", omitPadding: true });
