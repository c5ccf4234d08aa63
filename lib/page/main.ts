import { missing } from "./browser-features.ts";
import { type Ending, INSECURE_LINK, OLD_BROWSER } from "./endings.ts";
import { showOver } from "./screens.ts";
import { byId } from "./util/elements.ts";

const FAILED: Ending = { heading: "Something went wrong" };

byId("unstarted", HTMLElement).remove();
const fault = missing();
if (fault === null) {
	try {
		// Only now: to load it takes what an old browser lacks.
		const { openPage } = await import("./page.ts");
		await (await openPage()).run();
	} catch (error) {
		reportError(error);
		await showOver(FAILED, "This page has a fault, and your visit ended because of it.");
		location.reload();
	}
} else await showOver(isSecureContext ? OLD_BROWSER : INSECURE_LINK, fault);
