import { join } from "node:path";
import { ROOT } from "./root.ts";

/**
 * Runs a command where the system answers every request for a file lock with an error, as a
 * filesystem without locks does. Expects the error's name, such as ENOLCK, and the command.
 */
export const WITHOUT_LOCKS = ["python3", join(ROOT, "test/fixtures/no-locks.py")];
