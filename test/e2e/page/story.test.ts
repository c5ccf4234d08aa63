import { afterAll, expect, test } from "bun:test";
import { type PersonPage, TestBrowser } from "../../support/browser.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";

// The whole story of two people on pages, one at a terminal and a bot, by clicks and keys.

const how = { isLocal: true, isPaged: true, isMailing: true };
const stage = await Stage.openWith(how, "--owner", "ann@gmail.com");
const browser = await TestBrowser.launch();
afterAll(async () => {
	await browser[Symbol.asyncDispose]();
	await stage[Symbol.asyncDispose]();
});

const press = ({ page }: PersonPage, name: string | RegExp): Promise<void> =>
	page.getByRole("button", { name, exact: true }).click();

/** Waits for the end of a visit: its heading, and the sentence that says why. */
async function waitForOver({ page }: PersonPage, heading: string, why: string): Promise<void> {
	await page.getByRole("heading", { name: heading }).waitFor();
	await page.getByText(why, { exact: true }).waitFor();
}

/** Types a command that asks, and answers the question. */
async function act(owner: PersonPage, command: string, answer: "Yes" | "No"): Promise<void> {
	await owner.say(command);
	await owner.answer(answer);
}

async function logInByCode(person: PersonPage, name: string): Promise<void> {
	const before = stage.mails.length;
	await person.identify(name, `${name}@gmail.com`);
	await press(person, "Send me a code by mail");
	const mail = await eventually("a mail", () => stage.mails[before]);
	const [, code = ""] = /fernet-chat code is (\d{6})\r\n/.exec(mail.text) ?? [];
	await person.page.getByLabel("Code from the mail").fill(code);
	await person.page.keyboard.press("Enter");
	await person.transcript.waitFor();
}

test("from the link to the room's end", async () => {
	const [ann, bob] = [await browser.open(stage.url.href), await browser.open(stage.url.href)];

	// A wrong password: what to do, and then in.
	await ann.identify("ann", "ann@gmail.com");
	await press(ann, "Use a password instead");
	const password = ann.page.getByLabel("Password");
	await password.fill("wrongwrongwrongw");
	await password.press("Enter");
	await ann.page.getByText("localhost rejected this address and password.").waitFor();
	await password.fill(PASSWORD);
	await password.press("Enter");
	await ann.transcript.waitFor();

	await logInByCode(bob, "bob");

	const flags = stage.clientArgs("--name", "dan", "--email", "dan@gmail.com");
	const dan = stage.tidy(new Screen("client.ts", flags, { cols: 100 }));
	await dan.waitForText("How do you want to log in?");
	dan.type("\x1b[B\r");
	await dan.waitForText("◆  Password");
	dan.type(`${PASSWORD}\r`);
	await dan.waitForText("You are dan");
	const eve = await stage.member("eve");

	// To all.
	await ann.say("hello from ann's page");
	await dan.waitForText("hello from ann's page");
	await bob.reads("hello from ann's page");
	await eve.waitFor({ type: "said", from: "ann", text: "hello from ann's page" });
	dan.type("hello from dan's terminal\r");
	eve.say("hello from eve's program");
	for (const page of [ann, bob]) {
		await page.reads("hello from dan's terminal");
		await page.reads("hello from eve's program");
	}

	// To one.
	await bob.say("/tell dan only you can read this");
	await dan.waitForText("only you can read this");
	dan.type("/reply and you this\r");
	await bob.reads("and you this");
	await bob.say("/reply thanks");
	await dan.waitForText("thanks");
	await bob.say("all of you again");
	await ann.reads("all of you again");
	const heard = (await ann.rows()).join("\n");
	for (const secret of ["only you can read", "and you this", "thanks"]) {
		expect(heard).not.toContain(secret);
	}

	// An owner's acts, each after its question.
	await act(ann, "/kick eve too loud", "No");
	await act(ann, "/kick bob too quiet", "Yes");
	await waitForOver(bob, "You were removed", "ann removed you from the room: too quiet");
	expect(eve.lines.some(({ type }) => type === "closed")).toBe(false);
	await bob.page.getByText("Show what was said").click();
	await bob.reads("all of you again");
	await bob.reads("and you this");
	expect(await bob.page.getByRole("button").allTextContents()).toEqual(["Join again"]);
	await press(bob, "Join again");
	await logInByCode(bob, "bob");
	await bob.say("back again");
	await dan.waitForText("back again");

	// The account is in the room once.
	const elsewhere = await stage.member("bob");
	await waitForOver(
		bob,
		"You went on somewhere else",
		"You logged in somewhere else, so this connection was closed.",
	);
	elsewhere.send({ type: "leave" });
	await press(bob, "Join again");
	await logInByCode(bob, "bob");
	await press(bob, "Leave");
	await waitForOver(bob, "Goodbye", "You left the room.");
	await press(bob, "Join again");
	await logInByCode(bob, "bob");

	await act(ann, "/ban dan", "Yes");
	await dan.exit();
	await act(ann, "/ban bob enough", "Yes");
	await waitForOver(bob, "You are banned", "ann banned you from the room: enough");
	expect(await bob.page.getByRole("button", { name: "Join again" }).isVisible()).toBe(false);

	await act(ann, "/close", "Yes");
	await waitForOver(ann, "The room is closed", "ann closed the room.");
	expect(await ann.page.getByRole("button", { name: "Join again" }).isVisible()).toBe(false);
	await ann.page.getByText("Show what was said").click();
	await ann.reads("hello from eve's program");
	expect(await stage.server.exit()).toBe(0);
	expect([...ann.faults, ...bob.faults]).toEqual([]);
	for (const { context } of [ann, bob]) await context.close();
});
