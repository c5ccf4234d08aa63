#!/usr/bin/env bun
// The tests in a real browser: `bun test` alone leaves them out, `bun run test` ends with them.

import { testInBrowser } from "./support/suite.ts";

process.exitCode = await testInBrowser();
