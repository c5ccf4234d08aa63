import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Glob } from "bun";
import packageJson from "../../package.json";
import { ROOT } from "../support/root.ts";

/** The layers of the code, lowest first: a file imports only from its own and lower layers. */
const LAYERS = [
	"lib/util",
	...["errors", "messages", "transport", "crypto", "keys"].map((name) => `lib/wire/${name}`),
	"lib/web",
	...[
		"limits",
		"log",
		"storage",
		"mail",
		"redis",
		"accounts",
		"devices",
		"auth",
		"room-log",
		"sqlite-log",
		"redis-log",
		"room-state",
		"room",
	].map((name) => `lib/server/${name}`),
	...["moderation", "tls", "keys", "session", "net", "web"].map((name) => `lib/server/${name}`),
	"lib/server/server-options.ts",
	"lib/server/stores.ts",
	"lib/server/redis-stores.ts",
	"lib/server/open-stores.ts",
	"lib/server/open-room.ts",
	"lib/server/server-parts.ts",
	"lib/server/prepare-web-listener.ts",
	"lib/server/server.ts",
	"lib/server/run.ts",
	...[
		"util",
		"net",
		"keyboard",
		"editor",
		"terminal",
		"login",
		"commands",
		"transcript",
		"chat",
		"ui",
		"window",
	].map((name) => `lib/client/${name}`),
	"lib/client/run-lines.ts",
	"lib/client/client.ts",
	...["util", "storage"].map((name) => `lib/page/${name}`),
	...["web-link", "endings", "home", "screens", "persist"].map((name) => `lib/page/${name}.ts`),
	...["login", "transcript", "members", "composer", "room"].map((name) => `lib/page/${name}`),
	"lib/page/window",
	...["browser-features", "server-home", "page", "main"].map((name) => `lib/page/${name}.ts`),
	"lib/page",
	"lib/options",
	"lib/build",
	"server.ts",
	"client.ts",
];

interface Import {
	readonly from: string;
	readonly to: string;
}

/** What a `#name` stands for in our runtime, and in a browser. */
const PLATFORM: Record<string, Record<string, string>> = packageJson.imports;

const files = ["server.ts", "client.ts", ...new Glob("lib/**/*.ts").scanSync(ROOT)].sort();

/** Every relative import of a file, dynamic ones and types included. */
function importsOf(from: string): Import[] {
	const text = readFileSync(join(ROOT, from), "utf8");
	const found = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]*\.ts|#[^"]*)"/g);
	return Array.from(found).flatMap(([, path = ""]) =>
		path.startsWith("#")
			? Object.values(PLATFORM[path] ?? {}).map((to) => ({ from, to: join(to) }))
			: [{ from, to: relative(ROOT, join(ROOT, dirname(from), path)) }],
	);
}

const imports = files.flatMap(importsOf);

const layerOf = (file: string): number =>
	LAYERS.findIndex((layer) => file === layer || dirname(file) === layer);

const arrow = ({ from, to }: Import): string => `${from} -> ${to}`;

/** The files of one circle of imports, with the first again at the end, or null. */
function circleIn(edges: readonly Import[]): string[] | null {
	const done = new Set<string>();
	const path: string[] = [];
	const visit = (file: string): string[] | null => {
		const start = path.indexOf(file);
		if (start !== -1) return [...path.slice(start), file];
		if (done.has(file)) return null;
		path.push(file);
		for (const { from, to } of edges) {
			const circle = from === file ? visit(to) : null;
			if (circle) return circle;
		}
		path.pop();
		done.add(file);
		return null;
	};
	for (const { from } of edges) {
		const circle = visit(from);
		if (circle) return circle;
	}
	return null;
}

describe("layers", () => {
	test("every file lives in one, and every layer has files", () => {
		expect(files.filter((file) => layerOf(file) === -1)).toEqual([]);
		const used = new Set(files.map(layerOf));
		expect(LAYERS.filter((_, index) => !used.has(index))).toEqual([]);
	});

	test("every import was found, and leads to a file", () => {
		expect(imports.length).toBeGreaterThan(files.length);
		expect(imports.filter(({ to }) => !files.includes(to)).map(arrow)).toEqual([]);
	});

	test("no file imports from a layer above its own", () => {
		const upward = imports.filter(({ from, to }) => layerOf(to) > layerOf(from));
		expect(upward.map(arrow)).toEqual([]);
	});

	test("no file imports itself by way of others", () => {
		expect(circleIn(imports)).toBeNull();
		const edges = [...imports, { from: "lib/util/errors.ts", to: "lib/wire/crypto/fernet.ts" }];
		expect(circleIn(edges)).not.toBeNull();
	});

	test("the server never imports client or page, nor they the server", () => {
		const across = imports.filter(
			({ from, to }) =>
				(from.startsWith("lib/server/") && /^lib\/(client|page)\//.test(to)) ||
				(/^lib\/(client|page)\//.test(from) && to.startsWith("lib/server/")),
		);
		expect(across.map(arrow)).toEqual([]);
	});
});
