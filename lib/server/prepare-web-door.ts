import type { ServerOptions } from "./server-options.ts";
import type { WebDoor } from "./web/web-door.ts";

/** Opens the port for browsers. Throws CannotListen. */
export type OpenWebDoor = Awaited<ReturnType<typeof WebDoor.prepare>>;

/**
 * Loads and bundles the page, if there is to be one: most servers serve none. Throws ReasonedError
 * `page_unusable`.
 */
export async function prepareWebDoor(options: ServerOptions): Promise<OpenWebDoor | undefined> {
	const { web, host, certificate, limits, clocks } = options;
	if (!web) return undefined;
	const { WebDoor } = await import("./web/web-door.ts");
	return WebDoor.prepare({ web, host, certificate, limits, now: clocks.now });
}
