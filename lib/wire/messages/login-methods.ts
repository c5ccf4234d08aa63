/** How a person can prove that an account is theirs. */
export const LOGIN_METHODS = ["password", "token", "code"] as const;
export type LoginMethod = (typeof LOGIN_METHODS)[number];

/** What a person calls each method. */
export const METHOD_NAMES: Record<LoginMethod, string> = {
	password: "a password",
	token: "an access token",
	code: "a code sent by mail",
};

/** Seconds that a client waits for the answer to its login. */
export const LOGIN_WAIT = 60;

/** Whether any of the methods needs a mail server to check the credential. */
export const needsVerifier = (methods: readonly LoginMethod[]): boolean =>
	methods.some((method) => method !== "code");
