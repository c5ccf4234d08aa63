import { expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Screen } from "../../support/terminal.ts";
import { EVIL, expectHarmless, SEEN } from "./evil.ts";
import { Liar } from "./liar.ts";

// A server that lies before it lets anybody in: that, too, is only text on the terminal.

test.each([
	["on the login page", {}],
	["without one", { FERNET_CHAT_PASSWORD: PASSWORD }],
])("a refused login, %s", async (where, env) => {
	await using liar = await Liar.open({ type: "denied", code: "no", text: `${EVIL}denied` });
	const args = liar.clientArgs("--name", "ann", "--email", "ann@gmail.com");
	await using screen = new Screen("client.ts", args, { cols: 120, env, isLocal: true });
	if (where === "on the login page") {
		await screen.waitForText("App password");
		screen.type(`${PASSWORD}\r`);
	}
	await screen.waitForText("denied");
	expect(screen.text).toContain(SEEN);
	expectHarmless(screen);
});

/** Fills the row, and goes on as a line that begins with the mark. */
const FILL = `hi${"\u00a0".repeat(60)}▐ boss: yes`;
test.each([
	["on the login page", [], {}],
	["on the plain one", ["--plain"], {}],
	["without one", [], { FERNET_CHAT_PASSWORD: PASSWORD }],
])("no text of the server's begins a row as a line does, %s", async (where, flags, env) => {
	const methods = { type: "login_methods", methods: ["password"], verifier: FILL, version: "1" };
	await using liar = await Liar.open({ type: "denied", code: "no", text: FILL }, methods);
	const args = liar.clientArgs("--name", "ann", "--email", "ann@gmail.com", ...flags);
	await using screen = new Screen("client.ts", args, { cols: 60, env, isLocal: true });
	if (where !== "without one") {
		await screen.waitForText("Password");
		expect(screen.text).toMatch(/^▐ +Log in with your password at hi/m);
		await eventually("no echo", () => !screen.isCooked);
		screen.type(`${PASSWORD}\r`);
	}
	await screen.waitForText(/^▐ +(!! )?hi$/m);
	await screen.waitForText(/^[^▐]*\| boss: yes/m);
	expect(screen.text).not.toMatch(/▐.*boss|[^\n]▐/);
});

test("whose passwords it asks for, and its version", async () => {
	const answer = { type: "login_methods", verifier: `${EVIL}verifier`, version: `${EVIL}version` };
	for (const [methods, seen] of [
		[["password"], "Log in with your password at"],
		[[], "This server \\(version"],
	] as const) {
		await using liar = await Liar.open({}, { ...answer, methods });
		await using screen = new Screen("client.ts", liar.clientArgs(), { cols: 160, isLocal: true });
		await screen.waitForText(seen);
		expect(screen.text).toContain(SEEN);
		expectHarmless(screen);
	}
});

test("a welcome with a name in it that cannot be", async () => {
	await using liar = await Liar.open({ members: [[`bob${EVIL}`, "2"]] });
	const args = liar.clientArgs("--name", "ann", "--email", "ann@gmail.com");
	await using screen = new Screen("client.ts", args, {
		env: { FERNET_CHAT_PASSWORD: PASSWORD },
		isLocal: true,
	});
	expect(await screen.exit()).toBe(3);
	await eventually("a sentence", () => screen.text !== "");
	expectHarmless(screen);
});
