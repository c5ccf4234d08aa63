import { join } from "node:path";
import { runtimeFolder, stateFolder, type UserFolder } from "../util/user-folders.ts";
import type { Environment } from "./variables.ts";

// Where the programs keep files if nobody says where.

const ours = ({ path, ...folder }: UserFolder, ...names: string[]): UserFolder => ({
	...folder,
	path: join(path, "fernet-chat", ...names),
});

export const defaultState = (environment: Environment): UserFolder =>
	ours(stateFolder(environment));

/** Where all programs of a user meet that are not in a clone, which has a folder of its own. */
export const defaultKeys = (environment: Environment): UserFolder =>
	ours(runtimeFolder(environment) ?? stateFolder(environment), "keys");
