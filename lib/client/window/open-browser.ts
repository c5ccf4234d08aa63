import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

type Environment = Record<string, string | undefined>;

/** Leads a browser to a page whose link stands in no command: every user of the machine can read those. */
export class LinkFile {
	readonly #folder: string;
	readonly path: string;

	constructor(link: string) {
		this.#folder = mkdtempSync(join(tmpdir(), "fernet-chat-window-"));
		this.path = join(this.#folder, "open.html");
		const html = `<!doctype html><meta http-equiv="refresh" content="0;url=${link}"><title>fernet-chat</title>\n`;
		writeFileSync(this.path, html, { mode: 0o600, flag: "wx" });
	}

	remove(): void {
		rmSync(this.#folder, { recursive: true, force: true });
	}
}

/** Whether there is a screen for a window. */
export const hasScreen = ({ DISPLAY, WAYLAND_DISPLAY }: Environment): boolean =>
	process.platform !== "linux" || Boolean(DISPLAY || WAYLAND_DISPLAY);

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
	const ways = [
		() => openApp(apps.chrome, { arguments: asWindow }),
		() => openApp(apps.edge, { arguments: asWindow }),
		() => open(path),
	];
	for (const way of ways) {
		// A browser that was started may end much later, in whatever way.
		if (isOpen()) return;
		try {
			await way();
			return;
		} catch {}
	}
}
