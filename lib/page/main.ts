import { missingFeature } from "./browser-features.ts";
import { Page } from "./page.ts";
import { showOver } from "./screens.ts";

const missing = missingFeature();
if (missing === null) await new Page().run();
else showOver(`This browser is too old for this page: it lacks ${missing}. Please update it.`);
