import { PersonPage, TestBrowser } from "../../support/browser.ts";
import { FaultProxy } from "../../support/fault.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";
import { pick, random, SETTLE, until } from "../reconnect/converse.ts";
import { anyFault } from "../reconnect/storm.ts";
import { LocalTalker } from "../reconnect/talkers.ts";

// Pages and other members talk while their connections are cut, and pages are reloaded.

const PAGES = 6;
const OTHERS = 6;
/** Of the cuts, one in so many is followed by the reload of a page. */
const RELOAD_EVERY = 10;
/** Milliseconds for the first attempt to load a page, which nobody may tell that its connection is cut. */
const LOAD_TIME = 2000;
/** Lines that a page shows at least, however often it was reloaded. */
const SHOWN = 100;

/** The counts. All but those of the first group must be 0. */
export interface PageTally {
	cuts: number;
	reloads: number;
	said: number;

	/** Said and not in the room's order, once. */
	missing: number;
	repeated: number;
	/** One for each member that has other lines, or the same in another order. */
	disordered: number;
	/** Errors of the pages' scripts. */
	faults: number;
}

/** A member that has said lines, and the lines that it was shown, in their order. */
interface Member {
	say(text: string): unknown;
	shown(): Promise<string[]>;
}

const LINE = /line-\d+-of-\w+/;

class PageMember implements Member {
	constructor(readonly person: PersonPage) {}

	say(text: string): Promise<void> {
		return this.person.say(text);
	}

	/** As often as it takes: what the page is made of comes over connections that are cut, too. */
	async reload(): Promise<void> {
		const { page } = this.person;
		const url = page.url();
		for (let timeout = LOAD_TIME; ; timeout += LOAD_TIME) {
			try {
				await page.goto(url, { timeout });
				// Its script may be what did not come.
				if ((await page.locator("#unstarted").count()) === 0) return;
			} catch (error) {
				if (!/ERR_|Timeout|interrupted/.test(String(error))) throw error;
			}
		}
	}

	async shown(): Promise<string[]> {
		// A line whose echo was late is sent again by its author.
		const again = this.person.page.getByRole("button", { name: "Send again" });
		if (await again.isVisible()) await again.click();
		return (await this.person.rows()).flatMap((row) => LINE.exec(row)?.[0] ?? []);
	}
}

class OtherMember implements Member {
	constructor(readonly talker: LocalTalker) {}

	say(text: string): void {
		this.talker.say({ type: "say", id: crypto.randomUUID(), text });
	}

	async shown(): Promise<string[]> {
		return this.talker.said.map((line) => JSON.parse(line)[3]);
	}
}

/** Lets members talk through `cuts` broken connections, and tells `watch` the cuts so far. */
export async function pageStorm(
	seed: number,
	cuts: number,
	watch: (cuts: number) => void = () => {},
): Promise<PageTally> {
	const draw = random(seed);
	let isRaging = false;
	const faults = () => (isRaging ? anyFault(draw) : {});
	await using stage = await Stage.openWith({ isLocal: true, isPaged: true });
	const webPort = Number(stage.url.port);
	await using web = await FaultProxy.open(webPort, faults);
	await using socket = await FaultProxy.open(stage.port, faults);
	await using browser = await TestBrowser.launchBehind(web.port, webPort);
	await using tidy = new AsyncDisposableStack();
	const pages = await openPages(browser, stage.url);
	const others: OtherMember[] = [];
	for (let i = 0; i < OTHERS; i++) {
		const entry = { port: socket.port, keys: stage.keys };
		const manner = { waitsForPong: i % 2 === 0 };
		others.push(new OtherMember(tidy.use(await LocalTalker.enter(entry, `other${i}`, manner))));
	}
	const members: readonly Member[] = [...others, ...pages];
	const said: string[] = [];
	let reloads = 0;
	const made = () => web.cuts + socket.cuts;
	isRaging = true;
	for (const proxy of [web, socket]) proxy.cut();
	const say = async (member: Member): Promise<void> => {
		const text = `line-${said.length}-of-member${members.indexOf(member)}`;
		said.push(text);
		await member.say(text);
	};
	while (made() < cuts) {
		await say(pick(draw, members));
		watch(made());
		// Few lines are long enough to be cut themselves.
		if (draw() < 0.05) pick(draw, [web, socket]).cut(pick(draw, ["reset", "fin", "half"] as const));
		if (reloads * RELOAD_EVERY >= made()) continue;
		reloads++;
		// With a line that is on its way, or waits for the connection.
		const page = pick(draw, pages);
		await say(page);
		await page.reload();
	}
	isRaging = false;
	let shown: string[][] = [];
	const isSettled = async (): Promise<boolean> => {
		shown = await Promise.all(members.map((member) => member.shown()));
		const last = shown[0]?.at(-1);
		return shown.every(
			(lines, member) => isComplete(lines, member, said.length) && lines.at(-1) === last,
		);
	};
	const deadline = Date.now() + SETTLE;
	while (!(await isSettled()) && Date.now() < deadline) await until(() => false, 50);
	const faultsOfPages = pages.flatMap(({ person }) => person.faults.filter(isOurs));
	for (const fault of faultsOfPages) console.error(fault);
	return { cuts: made(), reloads, ...count(said, shown), faults: faultsOfPages.length };
}

/** Whether a tally counts no fault. */
export const arePagesUnharmed = ({ cuts, reloads, said, ...faults }: PageTally): boolean =>
	Object.values(faults).every((fault) => fault === 0);

async function openPages(browser: TestBrowser, url: URL): Promise<PageMember[]> {
	// In one context: what each tab has of its own is what matters here, and a context costs much.
	const context = await browser.browser.newContext();
	const pages: PageMember[] = [];
	for (let i = 0; i < PAGES; i++) {
		const person = new PersonPage(context, await context.newPage());
		await person.page.goto(url.href);
		await person.logIn(`page${i}`, PASSWORD);
		pages.push(new PageMember(person));
	}
	return pages;
}

/** Browsers themselves report connections that break. */
const isOurs = (fault: string): boolean => !/WebSocket|Failed to load resource/.test(fault);

/** A reloaded page shows only the latest lines; pages come after the other members. */
const isComplete = (lines: readonly string[], member: number, due: number): boolean =>
	lines.length >= (member < OTHERS ? due : Math.min(due, SHOWN));

function count(said: readonly string[], shown: readonly string[][]) {
	const [order = []] = shown;
	const once = new Set(order);
	const isEndOfOrder = (lines: readonly string[], member: number): boolean =>
		isComplete(lines, member, said.length) &&
		lines.every((line, i) => line === order[order.length - lines.length + i]);
	return {
		said: said.length,
		missing: said.filter((line) => !once.has(line)).length,
		repeated: order.length - once.size,
		disordered: shown.filter((lines, member) => !isEndOfOrder(lines, member)).length,
	};
}
