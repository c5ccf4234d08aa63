import type { Visits } from "../../client/chat/visits.ts";
import { colourOf } from "../../client/util/name-colour.ts";
import { sanitizeLine } from "../../client/util/sanitize.ts";
import { shownTime } from "../../client/util/shown-time.ts";
import { byId, create } from "../elements.ts";

/** The members here, as a list. */
export class RosterView {
	readonly #list = byId("roster", HTMLElement);

	show(visits: Visits, me: string): void {
		const rows = visits.names.toSorted().map((name) => {
			const member = visits.find(name);
			const shown = create("b", `name colour-${colourOf(name)}`, sanitizeLine(name));
			const row = create("li", "", shown);
			if (name === me) row.append(" (you)");
			if (member?.address) row.append(" ", create("small", "", sanitizeLine(member.address)));
			const since = member && visits.awaySince(member);
			if (since !== undefined) {
				row.append(" ", create("small", "", `away since ${shownTime(since, Date.now())}`));
				row.classList.add("away");
			}
			return row;
		});
		this.#list.replaceChildren(...rows);
	}
}
