import { missing } from "./browser-features.ts";
import { byId } from "./elements.ts";
import { OLD_BROWSER } from "./endings.ts";
import { Page } from "./page.ts";
import { showOver } from "./screens.ts";

byId("unstarted", HTMLElement).remove();
const fault = missing();
if (fault === null) await new Page().run();
else await showOver(OLD_BROWSER, fault);
