import type { ClientMessage, ServerMessage } from "../../wire/messages/messages.ts";

type Type = ServerMessage["type"];

/** The answer to each question that has one; to those of a connection's start, `denied` is another. */
const ANSWERS: Partial<Record<ClientMessage["type"], readonly Type[]>> = {
	login: ["welcome", "denied"],
	resume: ["resumed", "denied"],
	login_methods: ["login_methods", "denied"],
	request_code: ["code_sent", "denied"],
	who: ["roster"],
	bans: ["banlist"],
	ping: ["pong"],
};
const ANSWER_TYPES: ReadonlySet<Type> = new Set(Object.values(ANSWERS).flat());

/**
 * The answers that a server still owes us. One that we did not ask for could change our key, or fill
 * our memory or the screen.
 */
export class ExpectedAnswers {
	/** How many of each question are open. */
	readonly #open = new Map<ClientMessage["type"], number>();

	ask({ type }: ClientMessage): void {
		if (ANSWERS[type]) this.#open.set(type, (this.#open.get(type) ?? 0) + 1);
	}

	/** Takes an answer. False if we did not ask for it; true for all that is no answer. */
	accept(type: Type): boolean {
		if (!ANSWER_TYPES.has(type)) return true;
		for (const [question, count] of this.#open) {
			if (!ANSWERS[question]?.includes(type)) continue;
			if (count > 1) this.#open.set(question, count - 1);
			else this.#open.delete(question);
			return true;
		}
		return false;
	}
}
