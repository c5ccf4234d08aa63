import { NOTHING_KNOWN } from "../client/login/login-page.ts";
import { endingOf } from "./endings.ts";
import type { Home } from "./home.ts";
import { BrowserDevices } from "./storage/devices.ts";
import { VisitStore } from "./storage/kept-visit.ts";
import { JsonStorage } from "./storage/storage.ts";
import { OwnServer } from "./web-link.ts";

/** Milliseconds for which a page tries to come back when its connection broke. */
const PATIENCE = 12 * 60 * 60 * 1000;

/** A browser keeps about five million characters in all. */
const MAX_ITEM_CHARS = 512 * 1024;

/** Of a page that a room's server has sent: its browser keeps what there is to keep. */
export function serverHome(): Home {
	const store = new JsonStorage(() => localStorage);
	return {
		servers: new OwnServer(location.origin),
		place: undefined,
		devices: new BrowserDevices(store),
		remember: false,
		store,
		visits: new VisitStore(new JsonStorage(() => sessionStorage), MAX_ITEM_CHARS),
		room: location.host,
		defaults: NOTHING_KNOWN,
		bell: undefined,
		patience: PATIENCE,
		// A page that goes away ends without a word.
		signal: new AbortController().signal,
		verify: async () => true,
		joined() {},
		over: ({ reason, text }) => ({ ending: endingOf(reason), text }),
	};
}
