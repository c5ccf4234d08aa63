import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPage } from "../../../lib/web/page-files.ts";

const folder = await mkdtemp(join(tmpdir(), "fernet-chat-page-"));
afterAll(() => rm(folder, { recursive: true }));

async function page(script: string): Promise<string> {
	const index = join(folder, "index.html");
	const html = `<!doctype html><title>x</title><script type="module" src="./main.ts"></script>`;
	await Promise.all([writeFile(index, html), writeFile(join(folder, "main.ts"), script)]);
	return index;
}

test("a page is bundled, its script under a name that follows its content", async () => {
	const names: string[] = [];
	for (const text of ["one", "two", "one"]) {
		const files = await readPage({ index: await page(`console.log("${text}" as string);`) });
		const [script] = files.filter(({ type }) => type.startsWith("text/javascript"));
		expect(Buffer.from(script?.bytes ?? []).toString()).toBe(`console.log("${text}");\n`);
		const html = files.find(({ name }) => name === "index.html");
		expect(Buffer.from(html?.bytes ?? []).toString()).toContain(`src="./${script?.name}"`);
		names.push(script?.name ?? "");
	}
	expect(names[0]).toMatch(/-[a-z\d]{8}\.js$/);
	expect(names[2]).toBe(names[0] ?? "");
	expect(names[1]).not.toBe(names[0] ?? "");
});

test.each([
	["what is not there", `import "./missing.ts";`, "Could not resolve"],
	["what is no script", "const = 5;", "but found"],
])("a page with %s is one sentence, which names it", async (_, script, fault) => {
	const { code, message } = await readPage({ index: await page(script) }).then(Object, Object);
	expect(code).toBe("page_unusable");
	expect(message).toMatch(/^Cannot put the page for browsers together: .+\. .*run: bun install$/);
	expect(message).toContain(fault);
	expect(message).not.toContain("\n");
});
