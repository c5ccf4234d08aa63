import { PAUSES } from "../client/net/membership.ts";
import { retry } from "../client/net/retry.ts";
import { ChatError } from "../util/errors.ts";
import { showTrouble } from "./screens.ts";

interface PersistOptions {
	/** Milliseconds for all attempts together. */
	readonly patience: number;
	/** Whether no later attempt can succeed after this error. */
	readonly isFinal: (error: ChatError) => boolean;
	readonly signal: AbortSignal;
}

/** Tries at once, and then as long as a later attempt may succeed. Shows why it takes long. Null on abort. */
export async function persist<T>(
	attempt: (signal: AbortSignal) => Promise<T>,
	{ patience, isFinal, signal }: PersistOptions,
): Promise<T | null> {
	const isLast = (error: ChatError): boolean => patience === 0 || isFinal(error);
	const attemptAloud = async (given: AbortSignal): Promise<T> => {
		try {
			return await attempt(given);
		} catch (error) {
			if (error instanceof ChatError && !isLast(error)) showTrouble(error.message);
			throw error;
		}
	};
	try {
		return await attemptAloud(signal);
	} catch (error) {
		if (!(error instanceof ChatError) || isLast(error)) throw error;
	}
	return retry(attemptAloud, { patience, pauses: PAUSES, isFinal, signal });
}
