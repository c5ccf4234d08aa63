import { pause } from "#timers";
import { ChatError } from "../../util/errors.ts";
import { reason } from "../../wire/errors/reason.ts";
import { aborted } from "../util/abort.ts";
import { LoginDenied } from "./join.ts";
import { Unreachable } from "./link-errors.ts";

/** The pauses before attempts, in milliseconds: the first, and how they grow up to the longest. */
export interface Pauses {
	readonly first: number;
	readonly factor: number;
	readonly max: number;
}

interface RetryOptions {
	/** Milliseconds for all attempts together. */
	readonly patience: number;
	readonly pauses: Pauses;
	/** Whether no later attempt can succeed after this error. */
	readonly isFinal: (error: ChatError) => boolean;
	/** Aborted when the result is no longer wanted. */
	readonly signal: AbortSignal;
}

/**
 * The time before each attempt, in milliseconds. With jitter, so that clients whose connections broke
 * together do not all return at once. `random`: from 0 to 1.
 */
export function* waits({ first, factor, max }: Pauses, random = Math.random): Generator<number> {
	for (let wait = first; ; wait = Math.min(wait * factor, max)) yield wait * (0.5 + random());
}

/**
 * Repeats `attempt` until it succeeds; its signal aborts one that is no longer wanted. Null on abort.
 * Throws a final error as it is. When the patience is over, throws the latest denial of a login, or
 * else Unreachable `server_gone`.
 */
export async function retry<T>(
	attempt: (signal: AbortSignal) => Promise<T>,
	{ patience, pauses, isFinal, signal }: RetryOptions,
): Promise<T | null> {
	const over = new AbortController();
	const timer = setTimeout(() => over.abort(), patience);
	const either = AbortSignal.any([signal, over.signal]);
	const ended = aborted(either);
	let latest: unknown;
	try {
		for (const wait of waits(pauses)) {
			await Promise.race([pause(wait), ended]);
			if (either.aborted) break;
			try {
				// A network that swallows everything holds an attempt up beyond its signal.
				const result = await Promise.race([attempt(either), ended]);
				if (result !== null) return result;
			} catch (error) {
				if (!(error instanceof ChatError) || isFinal(error)) throw error;
				latest = error;
			}
		}
	} finally {
		clearTimeout(timer);
	}
	if (signal.aborted) return null;
	if (latest instanceof LoginDenied) throw latest;
	throw new Unreachable(reason("server_gone", patience / 1000), { cause: latest });
}
