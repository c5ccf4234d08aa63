import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

type Environment = Record<string, string | undefined>;

/** Leads a browser to a page whose link stands in no command: every user of the machine can read those. */
export class LinkFile {
	readonly path: string;
	readonly #folder: string;

	private constructor(folder: string) {
		this.#folder = folder;
		this.path = join(folder, "open.html");
	}

	/** Null if there is no temporary folder, or no room in it. */
	static write(link: string): LinkFile | null {
		const html = `<!doctype html><meta http-equiv="refresh" content="0;url=${link}"><title>fernet-chat</title>\n`;
		let file: LinkFile | null = null;
		try {
			file = new LinkFile(mkdtempSync(join(tmpdir(), "fernet-chat-window-")));
			writeFileSync(file.path, html, { mode: 0o600, flag: "wx" });
			return file;
		} catch {
			file?.remove();
			return null;
		}
	}

	remove(): void {
		rmSync(this.#folder, { recursive: true, force: true });
	}
}

/** Whether there is a screen for a window. */
export const hasScreen = ({ DISPLAY, WAYLAND_DISPLAY }: Environment): boolean =>
	process.platform !== "linux" || Boolean(DISPLAY || WAYLAND_DISPLAY);

/** What a browser may be called on this system; to ask may throw where there can be none. */
function names(app: () => string | readonly string[]): readonly string[] {
	try {
		return [app()].flat();
	} catch {
		return [];
	}
}

/**
 * Opens a file in a window of its own, in a browser that can do that, or else in the default browser,
 * until `isOpen` says that one has. Which of them there are, and whether they start, only trying tells.
 */
export async function openBrowser({ path }: LinkFile, isOpen: () => boolean): Promise<void> {
	// Without it, there is the link.
	const opener = await import("open").catch(() => null);
	if (opener === null) return;
	const { apps, default: open, openApp } = opener;
	const asWindow = [`--app=${pathToFileURL(path)}`];
	// One name at a time: a browser that was started may end much later, in whatever way.
	const browsers = [...names(() => apps.chrome), ...names(() => apps.edge)];
	const ways = [
		...browsers.map((name) => () => openApp([name], { arguments: asWindow })),
		() => open(path),
	];
	for (const way of ways) {
		if (isOpen()) return;
		try {
			await way();
			return;
		} catch {}
	}
}
