/** Google shows an app password as four groups of four letters; the spaces are not part of it. */
export const compactAppPassword = (password: string): string =>
	/^[a-z]{4}(\s[a-z]{4}){3}$/i.test(password) ? password.replaceAll(/\s/g, "") : password;
