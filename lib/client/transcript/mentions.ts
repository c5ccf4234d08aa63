/** Finds our name in what others say. */
export class Mentions {
	#me = "";
	#pattern = /$^/;

	constructor(me: string) {
		this.me = me;
	}

	get me(): string {
		return this.#me;
	}

	/** Our own name, by which a message mentions us. */
	set me(me: string) {
		this.#me = me;
		// Of the characters that a name may have, only the dot has a meaning in a pattern.
		const name = me.replaceAll(".", "\\.");
		this.#pattern = new RegExp(`(?<![\\w.-])@?${name}(?![\\w-])`, "i");
	}

	/** Whether the message is another member's and contains our name. */
	isIn({ from, text }: { readonly from: string; readonly text: string }): boolean {
		return from !== this.#me && this.#pattern.test(text);
	}
}
