import type { ClientMessage, ServerMessage } from "../../wire/messages/messages.ts";

type Question = ClientMessage["type"];
type Answer = ServerMessage["type"];

const ANSWERS: Partial<Record<Question, Answer>> = {
	...{ who: "roster", bans: "banlist", ping: "pong" },
	...{ devices: "device_list", sign_out: "signed_out", sign_out_member: "signed_out" },
};
/** A connection begins with one of these. Whoever asked it judges what comes as the answer. */
const FIRST: readonly Question[] = ["login", "resume", "login_methods", "request_code"];
const ANSWER_TYPES: ReadonlySet<Answer> = new Set([
	...Object.values(ANSWERS),
	...(["welcome", "resumed", "login_methods", "code_sent", "denied"] as const),
]);

/**
 * The answers that a server still owes us. One that we did not ask for could change our key, or fill
 * our memory or the screen.
 */
export class ExpectedAnswers {
	/** How many of each question are open, the first one first. */
	readonly #open = new Map<Question, number>();

	ask({ type }: ClientMessage): void {
		if (!ANSWERS[type] && !FIRST.includes(type)) return;
		this.#open.set(type, (this.#open.get(type) ?? 0) + 1);
	}

	/** Takes an answer. False if we did not ask for it; true for all that is no answer. */
	accept(type: Answer): boolean {
		if (!ANSWER_TYPES.has(type)) return true;
		for (const [question, count] of this.#open) {
			if (!FIRST.includes(question) && ANSWERS[question] !== type) continue;
			if (count > 1) this.#open.set(question, count - 1);
			else this.#open.delete(question);
			return true;
		}
		return false;
	}
}
