import { expect, test } from "bun:test";
import { RedisGone, RedisRefusal } from "../../../../lib/server/redis/redis-connection.ts";
import { PageSize } from "../../../../lib/server/redis-log/page-size.ts";

async function fail(pages: PageSize, error: Error = new RedisGone()): Promise<void> {
	await expect(pages.read(() => Promise.reject(error))).rejects.toBe(error);
}

/** Pages of which so many have not arrived. */
async function halved(times: number): Promise<PageSize> {
	const pages = new PageSize();
	for (let i = 0; i < times; i++) await fail(pages);
	return pages;
}

test.each([
	[0, 64, 0],
	[1, 32, 3000],
	[3, 8, 21_000],
	[6, 1, 57_000],
	[9, 1, 57_000],
])(
	"after %d pages that did not arrive, one has %d records and %d ms more",
	async (times, count, patience) => {
		const pages = await halved(times);
		expect([pages.count, pages.patience]).toEqual([count, patience]);
		expect(await pages.read(async () => "page")).toBe("page");
		expect(pages.count).toBe(count);
	},
);

test.each([
	["at once", 0, 16],
	["in less than an eighth of its time", 2900, 16],
	["in more", 3100, 8],
	["just in time", 24_000, 8],
])("a page of 8 that arrives %s", async (_, milliseconds, next) => {
	const pages = await halved(3);
	pages.arrived(milliseconds);
	expect(pages.count).toBe(next);
});

test("pages grow back to what they were, and no further", async () => {
	const pages = await halved(9);
	const counts = Array.from({ length: 8 }, () => {
		pages.arrived(0);
		return pages.count;
	});
	expect(counts).toEqual([2, 4, 8, 16, 32, 64, 64, 64]);
});

test("what Redis refuses was not too large", async () => {
	const pages = new PageSize();
	await fail(pages, new RedisRefusal(new Error("OOM")));
	expect(pages.count).toBe(64);
});
