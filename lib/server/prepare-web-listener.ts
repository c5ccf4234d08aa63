import type { ServerOptions } from "./server-options.ts";
import type { WebListener } from "./web/web-listener.ts";

/** Opens the port for browsers. Throws CannotListen. */
export type OpenWebListener = Awaited<ReturnType<typeof WebListener.prepare>>;

/**
 * Loads and bundles the page, if there is to be one: most servers serve none. Throws ReasonedError
 * `page_unusable`.
 */
export async function prepareWebListener(
	options: ServerOptions,
): Promise<OpenWebListener | undefined> {
	const { web, host, certificate, limits, clocks } = options;
	if (!web) return undefined;
	const { WebListener } = await import("./web/web-listener.ts");
	return WebListener.prepare({ web, host, certificate, limits, now: clocks.now });
}
