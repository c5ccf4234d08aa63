import { afterAll, expect, test } from "bun:test";
import { FaultProxy } from "../../../support/fault.ts";
import { RedisRooms } from "../room-log/all-logs.ts";
import { Place, Recorder, say } from "../room-log/logs.ts";

// The network to Redis is slow: what takes longer on its way than a command may take arrives all the same.

const rooms = await RedisRooms.start();
afterAll(() => rooms[Symbol.asyncDispose]());

const LOG = "fc:{room}:log";
const SNAPSHOT = "fc:{room}:snap";
/** There while a snapshot is written. */
const SCRIBE = "fc:{room}:scribe";
/** Records of a page, at first, and characters of each. */
const PAGE = 64;
const LONG = "x".repeat(20_000);
/** Bytes of such a page. */
const PAGE_BYTES = (PAGE * LONG.length * 4) / 3;
const TIME_OUT = 60_000;

async function open(place: Place, port?: number) {
	const log = await rooms.log(place, port);
	const room = new Recorder();
	log.open(room);
	return { log, room };
}
type Server = Awaited<ReturnType<typeof open>>;

/** Until a server has read all that there is. */
const caughtUp = ({ log }: Server) => new Promise<void>((resolve) => log.whenCurrent(resolve));

/** A network on which this takes so many milliseconds. */
const slow = (bytes: number, milliseconds: number): Promise<FaultProxy> =>
	FaultProxy.open(rooms.redis.port, () => ({ rate: bytes / milliseconds }));

/** Writes a page. */
async function fill(server: Server): Promise<void> {
	for (let n = 1; n <= PAGE; n++) {
		server.log.append(say(n, LONG));
		await caughtUp(server);
	}
}

test.concurrent(
	"a server that reads",
	async () => {
		using place = new Place();
		await using proxy = await slow(PAGE_BYTES, 6000);
		place.maxBytes = 100_000_000;
		const [one, two] = [await open(place), await open(place, proxy.port)];
		await caughtUp(two);
		// So that it has the whole page to read.
		proxy.stall("down");
		await fill(one);
		proxy.release();
		await caughtUp(two);
		expect(two.room.state).toEqual(one.room.state);
		expect(two.room.entries).toHaveLength(PAGE);
		for (const { log } of [one, two]) await log.close();
	},
	TIME_OUT,
);

test.concurrent(
	"a server that starts",
	async () => {
		using place = new Place();
		await using proxy = await slow(PAGE_BYTES, 4000);
		place.maxBytes = 100_000_000;
		const one = await open(place);
		await fill(one);
		const two = await open(place, proxy.port);
		expect(two.room.state).toEqual(one.room.state);
		for (const { log } of [one, two]) await log.close();
	},
	TIME_OUT,
);

test.concurrent(
	"a server that writes a large entry, and then a snapshot with it, while it has more to say",
	async () => {
		using place = new Place();
		const large = "y".repeat(100_000);
		await using proxy = await slow(large.length * (4 / 3), 3300);
		const server = await open(place, proxy.port);
		server.log.append(say(1, large));
		await caughtUp(server);
		let last = 1;
		/** How long the log was while the snapshot was on its way. */
		const lengths: number[] = [];
		const ask = async (...command: string[]) => Number(await rooms.cli(place, ...command));
		while ((await ask("EXISTS", SNAPSHOT)) === 0) {
			server.log.append(say(++last));
			if ((await ask("EXISTS", SCRIBE)) === 1) lengths.push(await ask("XLEN", LOG));
			await Bun.sleep(100);
		}
		// Nothing waited for it.
		expect(Math.max(...lengths) - Math.min(...lengths)).toBeGreaterThan(3);
		await caughtUp(server);
		// What was on its way when a connection was given up may be there twice.
		const numbers = new Set(server.room.entries.map(({ n }) => n));
		expect([...numbers]).toEqual(Array.from({ length: last }, (_, i) => i + 1));
		await server.log.close();
	},
	TIME_OUT,
);

test.concurrent(
	"a server that starts while others write all the time",
	async () => {
		using place = new Place();
		place.maxBytes = 100_000_000;
		await using proxy = await FaultProxy.open(rooms.redis.port, () => ({ delay: 50 }));
		const one = await open(place);
		let last = 0;
		const talk = setInterval(() => one.log.append(say(++last)), 5);
		const two = await open(place, proxy.port);
		clearInterval(talk);
		for (const each of [one, two]) await caughtUp(each);
		expect(two.room.entries).toEqual(one.room.entries);
		for (const { log } of [one, two]) await log.close();
	},
	TIME_OUT,
);
