/** Looks for a line in the history from the newest on, while the user types what it contains. */
export class HistorySearch {
	readonly #entries: readonly string[];
	#query = "";
	/** Where in `#entries` we are; one past the last before anything is found. */
	#index: number;
	/** Whether the line there contains the query; false if none does from there on. */
	#isFound = true;

	/** `entries` are the oldest first. */
	constructor(entries: readonly string[]) {
		this.#entries = entries;
		this.#index = entries.length;
	}

	get query(): string {
		return this.#query;
	}

	get isFound(): boolean {
		return this.#isFound;
	}

	/** The line found last; undefined if none was. */
	get line(): string | undefined {
		return this.#entries[this.#index];
	}

	/** Where the query begins in the line, a UTF-16 index. */
	get place(): number {
		return Math.max(0, placeOf(this.#query, this.line ?? ""));
	}

	/** The line found stays as long as it contains all of the query. */
	type(text: string): void {
		this.#query += text;
		this.#look(Math.min(this.#index, this.#entries.length - 1));
	}

	erase(): void {
		this.#query = [...this.#query].slice(0, -1).join("");
		this.#index = this.#entries.length;
		this.#isFound = true;
		if (this.#query !== "") this.#look(this.#index - 1);
	}

	/** Goes to the next older line that contains the query and is another. */
	older(): void {
		const { line } = this;
		this.#look(this.#index - 1, (entry) => entry !== line);
	}

	#look(from: number, isWanted = (_: string): boolean => true): void {
		const found = this.#entries.findLastIndex(
			(entry, index) => index <= from && placeOf(this.#query, entry) !== -1 && isWanted(entry),
		);
		this.#isFound = found !== -1;
		if (this.#isFound) this.#index = found;
	}
}

/** Case does not matter: the user need not remember it. */
const placeOf = (query: string, line: string): number =>
	line.toLowerCase().indexOf(query.toLowerCase());
