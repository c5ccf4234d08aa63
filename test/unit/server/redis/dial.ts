import { formatRedisUrl, parseRedisUrl } from "../../../../lib/server/redis/redis-address.ts";
import { RedisConnection } from "../../../../lib/server/redis/redis-connection.ts";
import { whyUnreachable } from "../../../../lib/server/redis/why-unreachable.ts";

// Connects to each URL in turn, in a process of its own: which authorities it trusts is decided when
// it starts. Prints, as JSON, what a SET there says, or why there is no connection.

const answers = [];
for (const url of process.argv.slice(2)) {
	const address = parseRedisUrl(url);
	if (!address) throw new Error(`not a URL of Redis: ${url}`);
	try {
		using connection = await RedisConnection.open(address);
		answers.push(await connection.send("SET", ["dialled", formatRedisUrl(address)]));
	} catch {
		answers.push(await whyUnreachable(address));
	}
}
console.log(JSON.stringify(answers));
process.exit();
