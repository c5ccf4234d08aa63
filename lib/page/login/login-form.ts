import {
	advice,
	fieldFaults,
	fieldLabels,
	passwordFault,
	passwordMethod,
	passwordToSend,
	visibleIn,
} from "../../client/login/login-fields.ts";
import type { LoginService } from "../../client/login/login-flow.ts";
import type {
	InteractiveMethod,
	LoginDefaults,
	LoginPage,
	UserIdentity,
} from "../../client/login/login-page.ts";
import { byId } from "../elements.ts";

const STEPS = ["identity", "method", "password", "code"] as const;
type Step = (typeof STEPS)[number];

/** An input with a label, and a place for what is wrong with what was typed. */
class FormField {
	readonly input: HTMLInputElement;
	readonly #fault: HTMLElement;

	constructor(name: string, label: string) {
		this.input = byId(`login-${name}`, HTMLInputElement);
		this.#fault = byId(`login-${name}-fault`, HTMLElement);
		byId(`login-${name}-label`, HTMLElement).textContent = label;
	}

	/** Shows what is wrong, if anything is. Returns whether nothing is. */
	check(fault: string | null): boolean {
		this.#fault.textContent = fault ?? "";
		this.input.setAttribute("aria-invalid", String(fault !== null));
		if (fault !== null) this.input.focus();
		return fault === null;
	}
}

/** The login page as a form that shows one step at a time. */
export class LoginForm implements LoginPage {
	readonly #service: LoginService;
	readonly #form = byId("login-form", HTMLFormElement);
	readonly #name: FormField;
	readonly #email: FormField;
	readonly #password: FormField;
	readonly #code: FormField;
	readonly #remember = byId("login-remember", HTMLInputElement);
	readonly #problem = byId("login-problem", HTMLElement);
	readonly #progress = byId("login-progress", HTMLElement);

	constructor(service: LoginService) {
		this.#service = service;
		const setting = { ...service, endpoint: { host: location.hostname, port: 0 } };
		const labels = fieldLabels(setting);
		this.#name = new FormField("name", labels.name);
		this.#email = new FormField("email", labels.email);
		this.#password = new FormField("password", labels.password);
		this.#code = new FormField("code", "Code from the mail");
		byId("login-advice", HTMLElement).textContent = advice(setting).split("\n")[0] ?? "";
		byId("login-by-password", HTMLElement).textContent =
			`Use ${passwordMethod(service.verifier)} instead`;
		byId("login-app-password", HTMLElement).hidden = service.verifier !== "gmail.com";
		this.#problem.textContent = "";
		this.#progress.textContent = "";
	}

	async askIdentity(known: LoginDefaults, offered: LoginDefaults): Promise<UserIdentity> {
		const [name, email] = [this.#name, this.#email];
		name.input.value = known.name ?? offered.name ?? "";
		email.input.value = known.email ?? offered.email ?? "";
		byId("login-email-row", HTMLElement).hidden = known.email !== undefined;
		return await this.#ask("identity", () => {
			const identity = { name: visibleIn(name.input.value), email: visibleIn(email.input.value) };
			// Both are checked, and the first one that is wrong has the cursor.
			const isEmailRight = email.check(fieldFaults.email(identity.email));
			const isNameRight = name.check(fieldFaults.name(identity.name));
			if (isEmailRight && isNameRight) this.#showRemember(identity.email);
			return isEmailRight && isNameRight ? identity : null;
		});
	}

	chooseMethod(): Promise<InteractiveMethod> {
		return this.#ask("method", (button) =>
			button?.id === "login-by-password" ? "password" : "code",
		);
	}

	askPassword(): Promise<string> {
		const { input } = this.#password;
		input.value = "";
		const { verifier } = this.#service;
		return this.#ask("password", () => {
			if (!this.#password.check(passwordFault(input.value, verifier))) return null;
			const password = passwordToSend(input.value, verifier);
			// The page keeps it nowhere.
			input.value = "";
			return password;
		});
	}

	askCode(): Promise<string> {
		const { input } = this.#code;
		input.value = "";
		return this.#ask("code", (button) => {
			if (button?.id === "login-back") return "";
			const typed = visibleIn(input.value);
			const fault = typed === "" ? "Type the code from the mail." : fieldFaults.code(typed);
			return this.#code.check(fault) ? typed : null;
		});
	}

	/** The box stands beside the password and the code. */
	async askToRemember(): Promise<boolean> {
		return this.#remember.checked;
	}

	start(step: string): void {
		this.#problem.textContent = "";
		this.#progress.textContent = step;
		this.#setBusy(true);
	}

	succeed(result: string): void {
		this.#progress.textContent = result;
	}

	fail(reason: string): void {
		this.#progress.textContent = "";
		this.#problem.textContent = reason;
	}

	welcome(): void {
		this.#progress.textContent = "";
	}

	/** Shows a step until `read` finds no fault in what was typed. */
	#ask<T>(step: Step, read: (button: HTMLElement | null) => T | null): Promise<T> {
		for (const each of STEPS) byId(`login-step-${each}`, HTMLElement).hidden = each !== step;
		this.#setBusy(false);
		const first = byId(`login-step-${step}`, HTMLElement).querySelector<HTMLElement>(
			"label:not([hidden]) input, button",
		);
		first?.focus();
		const { promise, resolve } = Promise.withResolvers<T>();
		this.#form.onsubmit = (event) => {
			event.preventDefault();
			const answer = read(event.submitter);
			if (answer === null) return;
			this.#setBusy(true);
			resolve(answer);
		};
		return promise;
	}

	#showRemember(email: string): void {
		const canRemember = this.#service.mayRemember(email);
		for (const row of document.querySelectorAll<HTMLElement>(".login-remember-row")) {
			row.hidden = !canRemember;
		}
		this.#remember.checked = false;
	}

	#setBusy(isBusy: boolean): void {
		this.#form.ariaBusy = String(isBusy);
		byId("login-steps", HTMLFieldSetElement).disabled = isBusy;
	}
}
