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
import {
	type Answer,
	BACK,
	type InteractiveMethod,
	type LoginDefaults,
	type LoginPage,
	type UserIdentity,
} from "../../client/login/login-page.ts";
import { byId } from "../util/elements.ts";
import { type FieldName, placeOf } from "./fault-places.ts";
import { FormField } from "./form-field.ts";
import { FormSteps, type Step } from "./form-steps.ts";

/**
 * The login page as a form that shows one step at a time. What was typed stays in its field until
 * the user is in: a password is nowhere else on the page.
 */
export class LoginForm implements LoginPage {
	readonly #steps = new FormSteps();
	readonly #fields: Record<FieldName, FormField> = {
		name: new FormField("name"),
		email: new FormField("email"),
		password: new FormField("password"),
		code: new FormField("code"),
	};
	readonly #remember = byId("login-remember", HTMLInputElement);
	readonly #problem = byId("login-problem", HTMLElement);
	readonly #result = byId("login-result", HTMLElement);
	readonly #progress = byId("login-progress", HTMLElement);
	#service: LoginService | undefined;
	#identity: UserIdentity | undefined;
	#remark = "";
	/** The step to go on with after a login that failed: what came before it need not be read again. */
	#resumeAt: Step = "identity";

	/** What was said of the latest login when it had succeeded, and the form was not seen any more. */
	get remark(): string {
		return this.#remark;
	}

	/** Asks for what this service takes. `problem`: why the user is asked again, if there is a reason. */
	open(service: LoginService, problem: string): void {
		this.#service = service;
		const setting = { ...service, endpoint: { host: location.hostname, port: 0 } };
		const labels = { ...fieldLabels(setting), code: "Code from the mail" };
		for (const name of ["name", "email", "password", "code"] as const) {
			this.#fields[name].label = labels[name];
		}
		byId("login-advice", HTMLElement).textContent = advice(setting).split("\n")[0] ?? "";
		byId("login-by-password", HTMLElement).textContent =
			`Use ${passwordMethod(service.verifier)} instead`;
		byId("login-app-password", HTMLElement).hidden = service.verifier !== "gmail.com";
		if (this.#resumeAt === "password" && !service.methods.includes("password")) {
			this.#resumeAt = "identity";
		}
		this.#problem.textContent = problem;
	}

	async askIdentity(known: LoginDefaults, offered: LoginDefaults): Answer<UserIdentity> {
		const isNameAlone = known.email !== undefined;
		if (!isNameAlone && this.#identity && this.#resumeAt !== "identity") return this.#identity;
		const { name, email, password } = this.#fields;
		name.input.value ||= offered.name ?? "";
		email.input.value ||= known.email ?? offered.email ?? "";
		byId("login-email-row", HTMLElement).hidden = isNameAlone;
		const who = byId("login-who", HTMLElement);
		who.textContent = known.email ?? "";
		byId("login-account", HTMLElement).hidden = !isNameAlone;
		const given = await this.#ask("identity", () => {
			const typed = { name: visibleIn(name.input.value), email: visibleIn(email.input.value) };
			const isNameRight = name.fault(fieldFaults.name(typed.name));
			const isEmailRight = email.fault(fieldFaults.email(typed.email));
			return isNameRight && isEmailRight ? typed : null;
		});
		if (given === BACK) return BACK;
		// Another account has another password.
		if (given.email !== this.#identity?.email) password.input.value = "";
		this.#identity = given;
		who.textContent = `${given.name}, ${given.email}`;
		byId("login-account", HTMLElement).hidden = false;
		return given;
	}

	async chooseMethod(): Answer<InteractiveMethod> {
		if (this.#resumeAt === "password") return "password";
		return await this.#ask("method", (button) =>
			button?.id === "login-by-password" ? "password" : "code",
		);
	}

	askPassword(): Answer<string> {
		const { input } = this.#fields.password;
		const verifier = this.#service?.verifier ?? "";
		return this.#askProof("password", () =>
			this.#fields.password.fault(passwordFault(input.value, verifier))
				? passwordToSend(input.value, verifier)
				: null,
		);
	}

	askCode(): Answer<string> {
		const { code } = this.#fields;
		// One that was refused can be corrected; any other belongs to an older mail.
		if (!code.isFaulty) code.input.value = "";
		return this.#askProof("code", () => {
			const typed = visibleIn(code.input.value);
			const fault = typed === "" ? "Type the code from the mail." : fieldFaults.code(typed);
			return code.fault(fault) ? typed : null;
		});
	}

	/** The box stands beside the password and the code. */
	async askToRemember(): Promise<boolean> {
		return this.#remember.checked;
	}

	start(step: string): void {
		this.#result.textContent = "";
		this.#progress.textContent = step;
	}

	succeed(result: string): void {
		this.#progress.textContent = "";
		this.#result.textContent = result;
	}

	fail(reason: string, code?: string): void {
		const place = placeOf(code);
		this.#progress.textContent = "";
		this.#result.textContent = "";
		if (place === null) this.#problem.textContent = reason;
		else this.#fields[place].fault(reason);
		this.#resumeAt = place === "name" || place === "email" ? "identity" : this.#retryStep();
	}

	welcome(): void {
		this.#resumeAt = "identity";
		this.#remark = this.#problem.textContent;
		this.#result.textContent = "";
		this.#progress.textContent = "";
		for (const name of ["password", "code"] as const) this.#fields[name].input.value = "";
	}

	/** A code counts for one login: for another one the user has to want a new code. */
	#retryStep(): Step {
		const { current } = this.#steps;
		if (current === "identity" || current === "password") return current;
		return (this.#service?.methods.length ?? 0) > 1 ? "method" : "identity";
	}

	#askProof(step: Step, read: () => string | null): Answer<string> {
		const email = this.#identity?.email ?? "";
		byId("login-remember-row", HTMLElement).hidden = !this.#service?.mayRemember(email);
		return this.#ask(step, read);
	}

	/** Shows a step until `read` finds no fault in what was typed, or the user goes back. */
	async #ask<T>(
		step: Step,
		read: (button: HTMLElement | null) => T | null,
	): Promise<T | typeof BACK> {
		this.#resumeAt = "identity";
		byId("login-proof", HTMLElement).hidden = step === "identity" || step === "method";
		const answer = await this.#steps.ask(step, Object.values(this.#fields), read);
		this.#problem.textContent = "";
		if (answer === BACK) for (const field of Object.values(this.#fields)) field.fault(null);
		return answer;
	}
}
