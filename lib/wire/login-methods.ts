/** How people may prove that an account is theirs. */
export const LOGIN_METHODS = ["password", "token", "code"] as const;
export type LoginMethod = (typeof LOGIN_METHODS)[number];

/** Whether one of them is to be shown to a mail server. */
export const needsVerifier = (methods: readonly LoginMethod[]): boolean =>
	methods.some((method) => method !== "code");
