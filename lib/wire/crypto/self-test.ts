import { ReasonedError, reason } from "../errors/reason.ts";
import { Fernet, generateKey } from "./fernet.ts";
import { InvalidToken } from "./fernet-rules.ts";
import { loadReference } from "./reference-package.ts";

/**
 * Checks that this implementation and the `fernet` package open each other's tokens. Throws
 * ChatError `self_test_failed`: a program that disagrees with the rest of the world must not start.
 */
export function selfTest(): void {
	const reference = loadReference();
	const key = generateKey();
	const ours = new Fernet(key);
	const secret = new reference.Secret(key);
	const text = "fernet-chat ✓";
	try {
		const theirs = new reference.Token({ secret }).encode(text);
		if (Buffer.from(ours.decrypt(theirs)).toString() !== text) throw new InvalidToken();
		// For the package, ttl 0 means no limit; without it, the limit would be 60 s.
		const opened = new reference.Token({ secret, token: ours.encrypt(text), ttl: 0 }).decode();
		if (opened !== text) throw new InvalidToken();
	} catch (cause) {
		const sentence =
			"Self-test failed: fernet-chat and the npm package fernet cannot open each other's tokens.";
		throw new ReasonedError(reason("self_test_failed", sentence), { cause });
	}
}
