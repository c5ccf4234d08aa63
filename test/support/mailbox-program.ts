import { openMailbox } from "./mailbox.ts";

// The mailbox as a program of its own, so that it can run in another network than the tests.

await using mailbox = await openMailbox();
console.log(JSON.stringify({ url: mailbox.url, trust: mailbox.trust }));
await Bun.stdin.text();
