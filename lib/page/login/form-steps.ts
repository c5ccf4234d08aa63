import { BACK } from "../../client/login/login-page.ts";
import { byId } from "../util/elements.ts";
import type { FormField } from "./form-field.ts";

const STEPS = ["identity", "method", "password", "code"] as const;
export type Step = (typeof STEPS)[number];

/** Milliseconds within which a second press of a button or of Enter belongs to the first. */
const DOUBLE_CLICK_TIME = 400;

/** The steps of the login form, of which one is shown. What is sent is sent once. */
export class FormSteps {
	readonly #form = byId("login-form", HTMLFormElement);
	readonly #steps = byId("login-steps", HTMLFieldSetElement);
	readonly #back = byId("login-back", HTMLButtonElement);
	#fields: readonly FormField[] = [];
	#current: Step = "identity";
	#goBack = (): void => {};
	/** When a button was pressed, and nothing has been typed since, in milliseconds of events. */
	#pressedAt = Number.NEGATIVE_INFINITY;

	constructor() {
		// Enter in a field is a click, too: the browser makes one.
		this.#form.onclick = (event) => {
			if (!(event.target instanceof HTMLButtonElement)) return;
			if (this.#isSecondHalf(event)) event.preventDefault();
			else if (event.target === this.#back) this.#goBack();
		};
		this.#form.oninput = () => {
			this.#pressedAt = Number.NEGATIVE_INFINITY;
		};
	}

	/** The step that was shown last. */
	get current(): Step {
		return this.#current;
	}

	/**
	 * Shows a step until `read` finds no fault in what was typed. Resolves to that, or BACK; what is sent
	 * after that, before the next step, goes nowhere.
	 */
	ask<T>(
		step: Step,
		fields: readonly FormField[],
		read: (button: HTMLElement | null) => T | null,
	): Promise<T | typeof BACK> {
		this.#current = step;
		this.#fields = fields;
		for (const each of STEPS) byId(`login-step-${each}`, HTMLElement).hidden = each !== step;
		this.#setBusy(false);
		this.#focus();
		const { promise, resolve } = Promise.withResolvers<T | typeof BACK>();
		const answer = (given: T | typeof BACK | null): void => {
			if (given === null) return this.#focus();
			this.#setBusy(true);
			resolve(given);
		};
		this.#goBack = () => answer(BACK);
		this.#form.onsubmit = (event) => {
			event.preventDefault();
			answer(read(event.submitter));
		};
		return promise;
	}

	/** The second half of a double click must not answer the next step, which nobody has read. */
	#isSecondHalf({ pointerType, detail, timeStamp }: PointerEvent): boolean {
		// Browsers count the clicks of a mouse.
		const isSoon = pointerType !== "mouse" && timeStamp - this.#pressedAt < DOUBLE_CLICK_TIME;
		if (isSoon || detail > 1) return true;
		this.#pressedAt = timeStamp;
		return false;
	}

	/** What is wrong comes first, and then where typing goes on. */
	#focus(): void {
		const fields = this.#fields.filter(({ input }) => input.checkVisibility());
		const field = fields.find(({ isFaulty }) => isFaulty) ?? fields[0];
		if (field) return field.focus();
		const buttons = [...this.#steps.querySelectorAll<HTMLElement>("button.primary")];
		buttons.find((button) => button.checkVisibility())?.focus();
	}

	/** No control is disabled: that would take the focus away. */
	#setBusy(isBusy: boolean): void {
		this.#steps.ariaBusy = String(isBusy);
		for (const input of this.#steps.querySelectorAll("input")) input.readOnly = isBusy;
		for (const button of this.#steps.querySelectorAll("button")) {
			button.ariaDisabled = String(isBusy);
		}
	}
}
