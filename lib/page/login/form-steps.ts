import { BACK } from "../../client/login/login-page.ts";
import { byId } from "../elements.ts";
import type { FormField } from "./form-field.ts";

const STEPS = ["identity", "method", "password", "code"] as const;
export type Step = (typeof STEPS)[number];

/** Milliseconds in which the second half of a double click must not answer a step that nobody has read. */
const DOUBLE_CLICK_TIME = 400;

/** The steps of the login form, of which one is shown. What is sent is sent once. */
export class FormSteps {
	readonly #form = byId("login-form", HTMLFormElement);
	readonly #steps = byId("login-steps", HTMLFieldSetElement);
	readonly #back = byId("login-back", HTMLButtonElement);
	#fields: readonly FormField[] = [];
	#current: Step = "identity";
	/** What was sent is being answered. */
	#isBusy = false;
	/** Nobody can have read the step that is shown. */
	#isNew = false;
	#timer: Timer | undefined;

	/** The step that was shown last. */
	get current(): Step {
		return this.#current;
	}

	/** Shows a step until `read` finds no fault in what was typed. Resolves to that, or BACK. */
	ask<T>(
		step: Step,
		fields: readonly FormField[],
		read: (button: HTMLElement | null) => T | null,
	): Promise<T | typeof BACK> {
		this.#current = step;
		this.#fields = fields;
		for (const each of STEPS) byId(`login-step-${each}`, HTMLElement).hidden = each !== step;
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#hold({ isNew: false }), DOUBLE_CLICK_TIME);
		this.#hold({ isBusy: false, isNew: true });
		this.#focus();
		const { promise, resolve } = Promise.withResolvers<T | typeof BACK>();
		const answer = (given: T | typeof BACK | null): void => {
			if (given === null) return this.#focus();
			this.#hold({ isBusy: true });
			resolve(given);
		};
		this.#back.onclick = () => {
			if (!this.#isHeld) answer(BACK);
		};
		this.#form.onsubmit = (event) => {
			event.preventDefault();
			if (!this.#isHeld) answer(read(event.submitter));
		};
		return promise;
	}

	/** What is wrong comes first, and then where typing goes on. */
	#focus(): void {
		const fields = this.#fields.filter(({ input }) => input.checkVisibility());
		const field = fields.find(({ isFaulty }) => isFaulty) ?? fields[0];
		if (field) return field.focus();
		const buttons = [...this.#steps.querySelectorAll("button")];
		buttons.find((button) => button.checkVisibility())?.focus();
	}

	get #isHeld(): boolean {
		return this.#isBusy || this.#isNew;
	}

	/** No control is disabled: that would take the focus away. */
	#hold({ isBusy = this.#isBusy, isNew = this.#isNew }): void {
		this.#isBusy = isBusy;
		this.#isNew = isNew;
		this.#steps.ariaBusy = String(isBusy);
		for (const input of this.#steps.querySelectorAll("input")) input.readOnly = isBusy;
		for (const button of this.#steps.querySelectorAll("button")) {
			button.ariaDisabled = String(this.#isHeld);
		}
	}
}
