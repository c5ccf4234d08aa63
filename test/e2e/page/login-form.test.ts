import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
	type CodeSaidIn,
	ERROR_CODES,
	type ErrorCode,
} from "../../../lib/wire/errors/error-codes.ts";
import { type PersonPage, TestBrowser } from "../../support/browser.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";
import { ScriptedSite } from "./scripted-site.ts";

// The login form: what it says where, what it keeps, what it sends.

const stage = await Stage.openWith({ isLocal: true, isPaged: true }, "--remember-days", "30");
const browser = await TestBrowser.launch();
afterAll(async () => {
	await browser[Symbol.asyncDispose]();
	await stage[Symbol.asyncDispose]();
});

const NAME = "User name";
const ADDRESS = /address/;
const APP_PASSWORD = "App password";
const CODE = "Code from the mail";
const TICKET = { type: "code_sent", ticket: "0".repeat(32) };
const denied = (code: string, text: string) => ({ type: "denied", code, text });

const press = (person: PersonPage, name: string | RegExp): Promise<void> =>
	person.page.getByRole("button", { name }).click();

/** What a screen reader says of a field after its name. */
async function description({ page }: PersonPage, label: string | RegExp): Promise<string> {
	const ids = await page.getByLabel(label).getAttribute("aria-describedby");
	const parts = (ids ?? "").split(" ").map((id) => page.locator(`#${id}`).textContent());
	return (await Promise.all(parts)).join(" ");
}

const waitForFault = (person: PersonPage, label: string | RegExp, text: string): Promise<unknown> =>
	eventually(`at ${label}: ${text}`, async () => (await description(person, label)).includes(text));

const waitForFocus = ({ page }: PersonPage, label: string | RegExp): Promise<void> =>
	page.getByLabel(label).and(page.locator(":focus")).waitFor();

const typedIn = (person: PersonPage, label: string | RegExp): Promise<string> =>
	person.page.getByLabel(label).inputValue();

/** Name and address, as they stand in the form. */
const typedIdentity = (person: PersonPage): Promise<string[]> =>
	Promise.all([NAME, ADDRESS].map((label) => typedIn(person, label)));

describe("at a server that answers what a test wants", () => {
	let site: ScriptedSite;
	let ann: PersonPage;
	beforeAll(async () => {
		site = new ScriptedSite(stage.url);
		ann = await browser.open(site.url);
	});
	afterAll(async () => {
		await ann.context.close();
		await site[Symbol.asyncDispose]();
	});

	/** Loads the page anew. */
	async function begin(methods: readonly string[], verifier = "gmail.com"): Promise<void> {
		Object.assign(site, { methods, verifier, answers: {} });
		site.asked.length = 0;
		await ann.page.goto(site.url);
		await ann.page.getByLabel(NAME).waitFor();
	}

	/** Types name and address. Enter goes on, as soon as the form takes it. */
	async function identify(): Promise<void> {
		await ann.identify("ann", "ann@gmail.com");
	}

	test("what is no name and no address is said at the fields, and the first has the focus", async () => {
		await begin(["password"]);
		for (const [name, address, focused] of [
			["", "", NAME],
			["two words", "ann", NAME],
			["you", "ann@gmail.com", NAME],
			["ann", "ann@", ADDRESS],
		] as const) {
			await ann.identify(name, address);
			await waitForFocus(ann, focused);
			const isNameWrong = focused === NAME;
			expect((await description(ann, NAME)).includes("A name is")).toBe(isNameWrong);
			const isAddressWrong = address !== "ann@gmail.com";
			expect((await description(ann, ADDRESS)).includes("Give an address")).toBe(isAddressWrong);
			expect(await typedIdentity(ann)).toEqual([name, address]);
		}
		expect(site.asked).toEqual([]);
	});

	test.each([
		["abcd efgh ijkl mnop", "abcdefghijklmnop"],
		["\tabcd\u00a0efgh\u00a0ijkl\u00a0mnop ", "abcdefghijklmnop"],
	])("an app password pasted as %j is sent as its letters", async (pasted, sent) => {
		await begin(["password"]);
		await identify();
		await ann.page.getByLabel(APP_PASSWORD).fill("normal password");
		await press(ann, "Log in");
		await waitForFault(ann, APP_PASSWORD, "Your normal password does not work here");
		expect(await description(ann, APP_PASSWORD)).toContain("Not your normal password");
		await ann.page.getByLabel(APP_PASSWORD).fill(pasted);
		await ann.page.keyboard.press("Enter");
		await site.waitForCount("login", 1);
		expect(site.asked).toMatchObject([{ type: "login", password: sent, name: "ann" }]);
	});

	const AT_RESUME: readonly string[] = ["resume_expired", "room_went_back"] satisfies ErrorCode[];
	/** Where the answer to a password stands, if not above the form. */
	const PLACES: Partial<Record<CodeSaidIn<"denied">, string | RegExp>> = {
		name_taken: NAME,
		invalid_address: ADDRESS,
		not_gmail: ADDRESS,
		not_allowed: ADDRESS,
		banned: ADDRESS,
		wrong_password: APP_PASSWORD,
		app_password_needed: APP_PASSWORD,
	};
	const OF_CODES: readonly string[] = ["wrong_code", "code_expired"] satisfies ErrorCode[];
	const codes = Object.entries(ERROR_CODES).flatMap(([code, { saidIn }]) =>
		(saidIn as readonly string[]).includes("denied") ? [code as CodeSaidIn<"denied">] : [],
	);

	test("each error of a login with a password stands where it is to be corrected; nothing typed is lost", async () => {
		await begin(["password"]);
		await identify();
		await ann.page.getByLabel(APP_PASSWORD).fill(PASSWORD);
		for (const code of codes) {
			if (AT_RESUME.includes(code) || OF_CODES.includes(code)) continue;
			const text = `This is about ${code}.`;
			site.answers.login = denied(code, text);
			await press(ann, "Log in");
			const place = PLACES[code];
			if (place === undefined) {
				await ann.page.getByRole("alert").filter({ hasText: text }).waitFor();
				await waitForFocus(ann, APP_PASSWORD);
			} else {
				await waitForFault(ann, place, text);
				await waitForFocus(ann, place);
			}
			if (code === "name_taken") {
				// Nothing but the name is asked for; to go back is to start again.
				expect(await ann.page.getByLabel(ADDRESS).isVisible()).toBe(false);
				await ann.page.getByText("ann@gmail.com", { exact: true }).waitFor();
				await press(ann, "Back");
				await ann.page.getByLabel(ADDRESS).waitFor();
			}
			if (place !== APP_PASSWORD && place !== undefined) {
				expect(await typedIdentity(ann)).toEqual(["ann", "ann@gmail.com"]);
				await press(ann, "Continue");
			}
			expect(await typedIn(ann, APP_PASSWORD)).toBe(PASSWORD);
		}
	});

	test("errors of a code: another try, or another code, which nobody mails unasked", async () => {
		await begin(["password", "code"]);
		site.answers.request_code = denied("too_many_codes", "Too many, this is.");
		await identify();
		await press(ann, /code by mail/);
		await ann.page.getByRole("alert").filter({ hasText: "Too many" }).waitFor();
		site.answers.request_code = denied("not_gmail", "No code goes there.");
		await press(ann, /code by mail/);
		await waitForFault(ann, ADDRESS, "No code goes there.");
		site.answers = { request_code: TICKET, login: denied("wrong_code", "Not that one.") };
		await press(ann, "Continue");
		await press(ann, /code by mail/);
		await ann.page.getByRole("status").filter({ hasText: "a code is on its way" }).waitFor();
		await waitForFocus(ann, CODE);
		await ann.page.getByLabel(CODE).fill("12 34 56");
		await press(ann, "Log in");
		await waitForFault(ann, CODE, "Not that one.");
		expect(await typedIn(ann, CODE)).toBe("12 34 56");
		site.answers.login = denied("code_expired", "No longer.");
		await press(ann, "Log in");
		await ann.page.getByRole("alert").filter({ hasText: "No longer." }).waitFor();
		expect(site.count("request_code")).toBe(3);
		expect(site.asked.at(-1)).toMatchObject({ type: "login", code: "123456" });
		await press(ann, /code by mail/);
		await ann.page.getByLabel(CODE).waitFor();
		expect(await typedIn(ann, CODE)).toBe("");
	});

	test("a double click and a double Enter send once, and what is asked is said meanwhile", async () => {
		await begin(["password", "code"]);
		await ann.page.getByLabel(NAME).fill("ann");
		await ann.page.getByLabel(ADDRESS).fill("ann@gmail.com");
		await press(ann, "Continue");
		// The second click of two finds a button of the next step.
		const code = ann.page.getByRole("button", { name: /code by mail/ });
		await code.evaluate((button: { dispatchEvent(event: object): unknown }) => {
			const second = { detail: 2, pointerType: "mouse", bubbles: true, cancelable: true };
			button.dispatchEvent(new (Object(globalThis).PointerEvent)("click", second));
		});
		await press(ann, "Back");
		// Two Enters: the first goes on, and the second finds the next step's button.
		const enter = "document.activeElement.click()";
		await ann.page.getByLabel(NAME).fill("anna");
		await ann.page.getByRole("button", { name: "Continue" }).focus();
		await ann.page.evaluate(
			`${enter}; new Promise((done) => setTimeout(done)).then(() => ${enter})`,
		);
		await press(ann, /app password/);
		const field = ann.page.getByLabel(APP_PASSWORD);
		await field.fill(PASSWORD);
		for (let i = 0; i < 3; i++) await field.press("Enter");
		await ann.page.getByRole("button", { name: "Log in" }).dispatchEvent("click");
		await ann.page.getByRole("status").filter({ hasText: "Checking your password" }).waitFor();
		await site.waitForCount("login", 1);
		await waitForFocus(ann, APP_PASSWORD);
		site.answer(denied("wrong_password", "No."));
		await waitForFault(ann, APP_PASSWORD, "No.");
		await ann.page.getByRole("button", { name: "Log in" }).dblclick();
		await site.waitForCount("login", 2);
		site.answer(denied("wrong_password", "Again no."));
		await waitForFault(ann, APP_PASSWORD, "Again no.");
		expect(site.asked.map(({ type }) => type)).toEqual(["login", "login"]);
	});

	test("there is a way back from every step, and what was typed is still there", async () => {
		await begin(["password", "code"]);
		site.answers.request_code = TICKET;
		await identify();
		await press(ann, "Back");
		await press(ann, "Continue");
		await press(ann, /app password/);
		await ann.page.getByLabel(APP_PASSWORD).fill("half a pass");
		await press(ann, "Back");
		expect(await typedIdentity(ann)).toEqual(["ann", "ann@gmail.com"]);
		await press(ann, "Continue");
		await press(ann, /app password/);
		expect(await typedIn(ann, APP_PASSWORD)).toBe("half a pass");
		await press(ann, "Back");
		// Another account has another password.
		await ann.identify("ann", "other@gmail.com");
		await press(ann, /app password/);
		expect(await typedIn(ann, APP_PASSWORD)).toBe("");
		await press(ann, "Back");
		await press(ann, "Continue");
		await press(ann, /code by mail/);
		await ann.page.getByLabel(CODE).waitFor();
		await press(ann, "Back");
		await ann.page.getByLabel(NAME).waitFor();
	});

	test("a server that hangs up, and then is gone: said, waited for, and the form as it was", async () => {
		await begin(["password"]);
		await identify();
		await ann.page.getByLabel(APP_PASSWORD).fill(PASSWORD);
		await press(ann, "Log in");
		await site.waitForCount("login", 1);
		site.isShut = true;
		site.answer({ type: "closing", code: "server_fault", text: "Something went wrong." });
		await ann.page.getByText("The server does not answer. Trying again…").waitFor();
		await eventually("four attempts", () => site.refused >= 4);
		site.isShut = false;
		await ann.page.getByRole("alert").filter({ hasText: "Something went wrong." }).waitFor();
		await waitForFocus(ann, APP_PASSWORD);
		expect(await typedIn(ann, APP_PASSWORD)).toBe(PASSWORD);
		await press(ann, "Back");
		expect(await typedIdentity(ann)).toEqual(["ann", "ann@gmail.com"]);
	});

	test("where only programs can log in, a person is told so, and need not try again", async () => {
		site.methods = ["token"];
		await ann.page.goto(site.url);
		await ann.page.getByRole("heading", { name: "You cannot log in here" }).waitFor();
		expect(await ann.page.getByRole("button").count()).toBe(0);
	});
});

test("a device that is remembered logs in at once; a box that was left empty is offered again", async () => {
	const bob = await browser.open(stage.url.href);
	const remember = bob.page.getByRole("checkbox", { name: "Remember this device" });
	for (const isChecked of [false, true]) {
		await bob.identify("bob", "bob@gmail.com");
		await bob.page.getByLabel(/^password/i).fill("wrong");
		await press(bob, "Log in");
		await waitForFault(bob, /^password/i, "rejected this address and password");
		await remember.setChecked(isChecked);
		await bob.page.getByLabel(/^password/i).fill(PASSWORD);
		await press(bob, "Log in");
		await press(bob, "Leave");
		await press(bob, "Join again");
		await bob.page.getByLabel(NAME).waitFor();
		expect(await typedIn(bob, /^password/i)).toBe("");
		await bob.page.reload();
		await bob.page.getByLabel(NAME).waitFor();
		expect(await typedIdentity(bob)).toEqual(["bob", "bob@gmail.com"]);
	}
	const asked = stage.logins.length;
	await press(bob, "Continue");
	await bob.transcript.waitFor();
	expect(stage.logins).toHaveLength(asked);
	expect(bob.faults).toEqual([]);
	await bob.context.close();
});

test.each([
	[
		"is full",
		"Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }",
	],
	[
		"is shut",
		"Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('shut'); } })",
	],
	["has room", ""],
])(
	"of a browser whose storage %s, the room says whether this device is remembered",
	async (how, prepare) => {
		const name = how.replace(" ", "");
		const carl = await browser.open("about:blank");
		await carl.context.addInitScript(prepare);
		await carl.page.goto(stage.url.href);
		await carl.identify(name, `${name}@gmail.com`);
		await carl.page.getByRole("checkbox", { name: "Remember this device" }).check();
		await carl.page.getByLabel(/^password/i).fill(PASSWORD);
		await press(carl, "Log in");
		await carl.say("in");
		await carl.reads(`${name}: in`);
		const said = carl.transcript.getByText("This device could not be remembered.");
		expect(await said.count()).toBe(prepare === "" ? 0 : 1);
		expect(carl.faults).toEqual([]);
		await carl.context.close();
	},
);

test("a link that is not secure is said to be that, and no browser's fault", async () => {
	const { context, page } = await browser.open("about:blank");
	await context.addInitScript("Object.defineProperty(window, 'isSecureContext', { value: false })");
	await page.goto(stage.url.href);
	await page.getByRole("heading", { name: "This link is not secure" }).waitFor();
	await page.getByText("a link that begins with https").waitFor();
	await context.close();
});

test.each([
	["Uint8Array.fromBase64", () => Reflect.deleteProperty(Uint8Array, "fromBase64")],
	["Promise.withResolvers", () => Reflect.deleteProperty(Promise, "withResolvers")],
	["Web Locks", () => Reflect.deleteProperty(Navigator.prototype, "locks")],
])("a browser without %s is told so, and nothing else is shown", async (feature, remove) => {
	const context = await browser.browser.newContext();
	await context.addInitScript(remove);
	const page = await context.newPage();
	await page.goto(stage.url.href);
	await page.getByRole("heading", { name: "This browser is too old" }).waitFor();
	await page.getByText(`too old for this page: it lacks ${feature}`).waitFor();
	expect(await page.getByRole("button").count()).toBe(0);
	await context.close();
});
