import type { Recipient } from "../../client/chat/visits.ts";
import { parseLine } from "../../client/commands/parse-line.ts";
import type { Completions } from "../../client/editor/completer.ts";
import { sanitizeLine } from "../../client/util/sanitize.ts";
import { isBlank } from "../../util/invisible.ts";
import { MAX_TEXT_BYTES } from "../../wire/messages/fields.ts";
import { byId, setHidden } from "../util/elements.ts";
import { CompletionList } from "./completion-list.ts";
import { EnteredLines } from "./entered-lines.ts";
import { takeFiles, textOf, UnusableFile } from "./text-file.ts";

interface ComposerOptions {
	/** Called with each text that the user sends, before the next is begun. */
	readonly submit: (text: string) => void;
	/** Where a text goes, as the user reads it while typing. */
	readonly destination: (text: string) => { readonly label: string; readonly isPrivate: boolean };
	/** Called whenever the text changes. */
	readonly changed: (text: string) => void;
	/** What the word at the end of a text may become. */
	readonly completions: (before: string) => Completions;
	/** Aborted when the room is closed. */
	readonly signal: AbortSignal;
}

const hasFieldSizing = CSS.supports("field-sizing", "content");

/** Where the user types. Enter sends, with Shift it begins a new line. */
export class Composer {
	readonly #input = byId("composer-text", HTMLTextAreaElement);
	readonly #form = byId("composer", HTMLFormElement);
	readonly #destination = byId("composer-destination", HTMLElement);
	readonly #fault = byId("composer-fault", HTMLElement);
	readonly #returned = byId("composer-returned", HTMLElement);
	readonly #options: ComposerOptions;
	readonly #entered: EnteredLines;
	readonly #completion: CompletionList;
	/** A line that came back while the user was typing another. */
	#other = "";

	constructor(options: ComposerOptions, draft: string) {
		this.#options = options;
		const input = this.#input;
		this.#entered = new EnteredLines(input, () => this.#put(input.value));
		this.#completion = new CompletionList(input, options.completions, () => this.#edited());
		input.oninput = () => this.#edited();
		input.onblur = () => this.#completion.close();
		input.onkeydown = (event) => this.#pressed(event);
		this.#form.onsubmit = (event) => {
			event.preventDefault();
			this.#submit();
		};
		byId("composer-swap", HTMLElement).onclick = () => this.#swap(this.text);
		byId("composer-drop", HTMLElement).onclick = () => this.#keepOther("");
		const take = (files: readonly File[]): void => void this.#insert(files);
		takeFiles(byId("room", HTMLElement), take, options.signal);
		this.#keepOther("");
		this.text = draft;
	}

	get text(): string {
		return this.#input.value;
	}

	/** What the user has typed, and a line that was kept aside. */
	get unsent(): string {
		return [this.text, this.#other].filter((line) => !isBlank(line)).join("\n");
	}

	set text(text: string) {
		this.#put(text);
	}

	focus(): void {
		this.#input.focus();
	}

	/** Shows anew where the text goes: who is here has changed, or the connection. */
	update(): void {
		const { label, isPrivate } = this.#options.destination(this.text);
		if (this.#destination.textContent !== label) this.#destination.textContent = label;
		this.#form.classList.toggle("private", isPrivate);
	}

	/** Begins a private line to a member; what was typed becomes its text. */
	address({ name }: Recipient): void {
		const line = parseLine(this.text);
		const audience = line.command?.audience;
		const isMessage = line.name === null || audience === "target" || audience === "sender";
		this.begin(`/tell ${name} `, isMessage ? line.text : "");
	}

	/** Begins a line with these words. Anything else that was typed is kept aside. */
	begin(words: string, text = ""): void {
		const { text: typed } = this;
		if (!isBlank(typed) && text === "" && parseLine(typed).text !== "") this.#keepOther(typed);
		this.text = words + text;
		this.focus();
	}

	/** Lets the user correct a line, and loses no other. */
	giveBack(line: string): void {
		if (isBlank(this.text)) this.text = line;
		else this.#keepOther(line);
	}

	/** Puts in a text that was not typed, and so offers no completions of it. */
	#put(text: string): void {
		this.#input.value = text;
		this.#edited();
		this.#completion.close();
	}

	#pressed(event: KeyboardEvent): void {
		// A key that ends the choice of a character, in one browser by its code alone, is none of ours.
		if (event.isComposing || event.keyCode === 229) return;
		if (this.#completion.press(event) || this.#entered.press(event)) return event.preventDefault();
		if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
		event.preventDefault();
		this.#form.requestSubmit();
	}

	#submit(): void {
		const { text } = this;
		if (isBlank(text) || tooLong(text) !== "") return this.focus();
		this.#entered.add(text);
		this.#input.value = "";
		// Before `changed`, with which the reader whom the line names would no longer be the one shown.
		this.#options.submit(text);
		this.#edited();
		this.#completion.close();
		if (this.text === "" && this.#other !== "") this.#swap("");
	}

	#edited(): void {
		const { text } = this;
		this.#options.changed(text);
		this.#fault.textContent = tooLong(text);
		this.#completion.update();
		this.update();
		if (hasFieldSizing) return;
		this.#input.style.height = "auto";
		this.#input.style.height = `${this.#input.scrollHeight}px`;
	}

	/** Edits the line that was kept aside, and keeps this one. */
	#swap(instead: string): void {
		const { text } = this;
		this.text = this.#other;
		this.#keepOther(isBlank(instead) ? "" : text);
		this.focus();
	}

	#keepOther(line: string): void {
		this.#other = line;
		setHidden(this.#returned, line === "", this.#input);
		byId("composer-returned-text", HTMLElement).textContent = `Not sent: ${sanitizeLine(line)}`;
	}

	/** Files become a part of the text, which the user still has to send. */
	async #insert(files: readonly File[]): Promise<void> {
		try {
			for (const file of files) {
				const text = await textOf(file);
				const { selectionStart, selectionEnd } = this.#input;
				this.#input.setRangeText(text, selectionStart, selectionEnd, "end");
			}
			this.#edited();
		} catch (error) {
			if (!(error instanceof UnusableFile)) throw error;
			this.#edited();
			this.#fault.textContent = error.message;
		}
		this.focus();
	}
}

/** Says that a line has more text than a message may, before it is sent; else "". */
function tooLong(typed: string): string {
	// No character has more than three bytes for each of its units.
	if (typed.length * 3 <= MAX_TEXT_BYTES) return "";
	const bytes = new TextEncoder().encode(parseLine(typed).text).length;
	if (bytes <= MAX_TEXT_BYTES) return "";
	return `Too long to send: this has ${bytes} bytes, and a message ${MAX_TEXT_BYTES} at most.`;
}
