/** How a person can prove that an account is theirs. */
export const LOGIN_METHODS = ["password", "token", "code"] as const;
export type LoginMethod = (typeof LOGIN_METHODS)[number];

/** Whether any of the methods needs a mail server to check the credential. */
export const needsVerifier = (methods: readonly LoginMethod[]): boolean =>
	methods.some((method) => method !== "code");
