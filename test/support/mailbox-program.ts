import { openMailbox } from "./mailbox.ts";

// The mailbox as a program of its own, for where the tests themselves are not: in another network.

await using mailbox = await openMailbox();
console.log(JSON.stringify({ url: mailbox.url, trust: mailbox.trust }));
await Bun.stdin.text();
