import type { Bot, Json } from "./support/programs.ts";

// Ann and Bob, the demo's hosts: they answer what its guests say.

/** Milliseconds between two looks at what was said: an instant answer looks canned. */
const THINKING = 400;

type Answer = (guest: string) => string;

/** Ann's answers: the first pattern that matches a text decides. */
const ANSWERS: readonly [said: RegExp, answer: Answer][] = [
	[/^(hi|hello|hey|good (morning|day|evening))\b/i, (guest) => `Hello, ${guest}. Nice to see you.`],
	[/\b(bye|goodbye|see you)\b/i, (guest) => `Bye, ${guest}. /leave takes you out.`],
	[/\?\s*$/, () => "Good question. Ask the server: it reads everything that we say here."],
];
const REMARKS: readonly string[] = [
	"That was one token on the wire, and the same bytes for everybody.",
	"Try /tell bob something that is not for me.",
	"/who shows whose addresses these are, as far as the server lets us see them.",
	"Cut your connection if you like: you will be back in a moment, and will have missed nothing.",
];

/** Keeps guests company until the last one has left. */
export class Hosts implements Disposable {
	readonly #ann: Bot;
	readonly #bob: Bot;
	readonly #guests = new Set<string>();
	readonly #timer: Timer;
	/** How many lines of each host it has looked at. */
	readonly #seen: Map<Bot, number>;
	#remarks = 0;
	#alone: PromiseWithResolvers<void> | undefined;

	constructor(ann: Bot, bob: Bot) {
		this.#ann = ann;
		this.#bob = bob;
		this.#seen = new Map([ann, bob].map((bot) => [bot, bot.lines.length]));
		this.#timer = setInterval(() => this.#look(), THINKING);
	}

	get guests(): readonly string[] {
		return [...this.#guests];
	}

	/** Resolves once no guest is in the room. */
	async waitUntilAlone(): Promise<void> {
		this.#look();
		if (this.#guests.size === 0) return;
		this.#alone ??= Promise.withResolvers();
		await this.#alone.promise;
	}

	[Symbol.dispose](): void {
		clearInterval(this.#timer);
	}

	#look(): void {
		for (const line of this.#news(this.#ann)) {
			if (line.type === "joined") this.#joined(String(line.name));
			if (line.type === "left" || line.type === "kicked") this.#left(String(line.name));
			if (line.type === "said") this.#answer(String(line.from), String(line.text));
			if (line.type === "told") this.#answerPrivately(this.#ann, line);
		}
		for (const line of this.#news(this.#bob)) {
			if (line.type === "told") this.#answerPrivately(this.#bob, line);
		}
	}

	#news(bot: Bot): Json[] {
		const { lines } = bot;
		const news = lines.slice(this.#seen.get(bot));
		this.#seen.set(bot, lines.length);
		return news;
	}

	#joined(guest: string): void {
		this.#guests.add(guest);
		this.#ann.say(`Welcome, ${guest}. Say something: Bob and I answer.`);
	}

	#left(guest: string): void {
		if (!this.#guests.delete(guest) || this.#guests.size > 0) return;
		this.#alone?.resolve();
		this.#alone = undefined;
	}

	#answer(guest: string, text: string): void {
		if (!this.#guests.has(guest)) return;
		if (/\bbob\b/i.test(text))
			return this.#bob.say(`Yes, ${guest}? I am Bob, and I am real enough.`);
		const [, answer] = ANSWERS.find(([said]) => said.test(text)) ?? [];
		this.#ann.say(answer?.(guest) ?? REMARKS[this.#remarks++ % REMARKS.length] ?? "");
	}

	#answerPrivately(host: Bot, { from, text }: Json): void {
		if (!this.#guests.has(String(from))) return;
		const answer = `"${text}" reached me alone. Only you read this, and the server.`;
		host.send({ type: "tell", to: from, text: answer.slice(0, 1000) });
	}
}
