import { missing } from "./browser-features.ts";
import { INSECURE_LINK, OLD_BROWSER } from "./endings.ts";
import { showOver } from "./screens.ts";
import { byId } from "./util/elements.ts";

byId("unstarted", HTMLElement).remove();
const fault = missing();
if (fault === null) {
	// Only now: to load it takes what an old browser lacks.
	const { Page } = await import("./page.ts");
	await new Page().run();
} else await showOver(isSecureContext ? OLD_BROWSER : INSECURE_LINK, fault);
