import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
	type Browser,
	type BrowserContext,
	chromium,
	type Locator,
	type Page,
} from "playwright-core";
import { eventually } from "./eventually.ts";

/** Debian's. */
const EXECUTABLE = "/usr/bin/chromium";
/** A browser that calls home would wait for a network that tests do without. */
const FLAGS = [
	...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
	...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

export type { BrowserContext, Page } from "playwright-core";

/** A real browser. Each page of `open` is another person's: it shares nothing with the others. */
export class TestBrowser implements AsyncDisposable {
	private constructor(readonly browser: Browser) {}

	static async launch(...more: string[]): Promise<TestBrowser> {
		const args = [...FLAGS, ...more];
		return new TestBrowser(await chromium.launch({ executablePath: EXECUTABLE, args }));
	}

	/**
	 * Writes a program that starts the browser as one that is installed, without a screen, and with a
	 * profile in `folder`. Resolves to what it is connected by, once it has been started.
	 */
	static installIn(folder: string, name: string): () => Promise<TestBrowser> {
		const profile = join(folder, "profile");
		const flags = [...FLAGS, "--headless=new", "--remote-debugging-port=0"];
		const start = [EXECUTABLE, ...flags, `--user-data-dir=${profile}`].join(" ");
		writeFileSync(join(folder, name), `#!/bin/sh\nexec ${start} "$@"\n`, { mode: 0o755 });
		return async () => {
			const [port] = await eventually("the browser's port", async () =>
				(
					await Bun.file(join(profile, "DevToolsActivePort"))
						.text()
						.catch(() => "")
				).match(/^\d+/),
			);
			return new TestBrowser(await chromium.connectOverCDP(`http://127.0.0.1:${port}`));
		};
	}

	/** The page that such a browser shows. */
	async shown(): Promise<PersonPage> {
		const [context] = this.browser.contexts();
		if (!context) throw new Error("the browser has no profile");
		const page = await eventually("a page", () => context.pages()[0]);
		return new PersonPage(context, page);
	}

	/** For a page on one port of this machine that is to be reached by way of another one's proxy. */
	static launchBehind(proxy: number, port: number): Promise<TestBrowser> {
		const rule = `MAP 127.0.0.1:${port} 127.0.0.1:${proxy}`;
		return TestBrowser.launch(`--host-resolver-rules=${rule}`);
	}

	/** Opens a link in a profile of its own. What goes wrong in the page fails the test that reads `faults`. */
	async open(url: string, options: Parameters<Browser["newContext"]>[0] = {}): Promise<PersonPage> {
		const context = await this.browser.newContext({
			viewport: { width: 768, height: 800 },
			...options,
		});
		const page = await context.newPage();
		const person = new PersonPage(context, page);
		await page.goto(url);
		return person;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.browser.close();
	}
}

/** The page of one person, who does what a person does: clicks, types and reads. */
export class PersonPage {
	/** Errors of the page's script, and what it wrote to the console. */
	readonly faults: string[] = [];

	constructor(
		readonly context: BrowserContext,
		readonly page: Page,
	) {
		page.on("pageerror", (error) => this.faults.push(String(error)));
		page.on("console", (message) => this.faults.push(message.text()));
	}

	/** What was said. */
	get transcript(): Locator {
		return this.page.getByRole("region", { name: "Conversation" });
	}

	/** Logs in with a password, at `NAME@gmail.com` unless an address is given. */
	async logIn(name: string, password: string, email = `${name}@gmail.com`): Promise<void> {
		await this.identify(name, email);
		await this.page.getByLabel(/password/i).fill(password);
		await this.page.getByRole("button", { name: "Log in" }).click();
		await this.transcript.waitFor();
	}

	/** Fills in the first step. */
	async identify(name: string, email: string): Promise<void> {
		await this.page.getByLabel("User name").fill(name);
		await this.page.getByLabel(/address/).fill(email);
		await this.page.getByRole("button", { name: "Continue" }).click();
	}

	/** Types a message or a command, and sends it. */
	async say(text: string): Promise<void> {
		await this.page.getByLabel("Message").fill(text);
		await this.page.keyboard.press("Enter");
	}

	/** Answers the question that is asked, as soon as the page takes it for read. */
	async answer(answer: "Yes" | "No"): Promise<void> {
		const dialog = this.page.getByRole("dialog");
		await dialog.waitFor();
		await eventually(`the answer ${answer}`, async () => {
			await dialog.getByRole("button", { name: answer, exact: true }).click();
			return await dialog.isHidden();
		});
	}

	/** Resolves when a row of the transcript contains this text. */
	async reads(text: string): Promise<void> {
		await this.page.locator(".row", { hasText: text }).first().waitFor();
	}

	/** Resolves when the page says this about the connection. */
	async hasStatus(text: string): Promise<void> {
		await this.page.getByRole("status").getByText(text).waitFor();
	}

	/** The rows of the transcript, as their text. */
	rows(): Promise<string[]> {
		return this.page.locator(".row").allTextContents();
	}
}
