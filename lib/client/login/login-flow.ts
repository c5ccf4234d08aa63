import { errorMessage } from "../../util/errors.ts";
import { hasCode, mayPass } from "../../wire/errors/reason.ts";
import { type Admission, type Credentials, LoginDenied } from "../net/join.ts";
import { aborted } from "../util/abort.ts";
import { DeviceRefused } from "./join-as-device.ts";
import { compactCode, NOT_REMEMBERED, verifierName } from "./login-fields.ts";
import {
	BACK,
	type InteractiveMethod,
	type LoginDefaults,
	type LoginPage,
	NOTHING_KNOWN,
	type UserIdentity,
} from "./login-page.ts";

/**
 * What a login needs from the server. The methods throw LoginDenied, ClosedByServer, or another
 * ChatError if the connection fails.
 */
export interface LoginService {
	/** The login methods that the user may choose from. */
	readonly methods: readonly InteractiveMethod[];
	/** The service that checks the passwords. */
	readonly verifier: string;
	/** Asks the server to mail a code; resolves to the ticket that goes with the code. */
	requestCode(email: string): Promise<string>;
	join(credentials: Credentials): Promise<Admission>;
	/** Logs in as this device, if it is remembered for the address; else null. Throws DeviceRefused, too. */
	joinAsDevice(identity: UserIdentity): Promise<Admission | null>;
	/** Whether to ask the user, who has still to decide, and the server could remember the device. */
	mayRemember(email: string): boolean;
	/** What the user has decided, for the logins that follow. */
	remember(email: string, isWanted: boolean): void;
	/** Whether this device was to be remembered, and could not be, by the server or here. */
	isUnremembered(email: string): Promise<boolean>;
}

/**
 * Repeats the page until the server admits the user. The first time, the page does not ask for what
 * is `known`; `offered` holds its defaults. Null when the user gives up or the program is told to
 * end. Throws what the service throws, except LoginDenied.
 */
export async function logIn(
	page: LoginPage,
	service: LoginService,
	known: LoginDefaults,
	offered: LoginDefaults,
	signal: AbortSignal,
): Promise<Admission | null> {
	const end = aborted(signal);
	const orEnd = <T>(step: Promise<T>): Promise<T | null> => Promise.race([step, end]);
	for (;;) {
		const identity = await orEnd(page.askIdentity(known, offered));
		if (identity === null) return null;
		if (identity === BACK) {
			known = NOTHING_KNOWN;
			continue;
		}
		try {
			const admission = await prove(page, service, identity, orEnd);
			if (admission !== BACK) return admission;
			known = NOTHING_KNOWN;
		} catch (error) {
			page.fail(errorMessage(error), error instanceof LoginDenied ? error.code : undefined);
			if (!(error instanceof LoginDenied)) throw error;
			// The user can now correct whatever was wrong: name, address or proof.
			known = isTaken(error) ? { ...NOTHING_KNOWN, email: identity.email } : NOTHING_KNOWN;
		}
		offered = identity;
	}
}

/** Resolves to null, without waiting for the step, when the program is told to end. */
type OrEnd = <T>(step: Promise<T>) => Promise<T | null>;
/** An admission; null if the user gives up. */
type Outcome = Admission | typeof BACK | null;

/** Logs in as a remembered device, or else in the way that the user chooses. */
async function prove(
	page: LoginPage,
	service: LoginService,
	identity: UserIdentity,
	orEnd: OrEnd,
): Promise<Outcome> {
	const remembered = await logInAsDevice(page, service, identity, orEnd);
	if (remembered) return remembered;
	const method = service.methods.length > 1 ? await orEnd(page.chooseMethod()) : service.methods[0];
	if (method === undefined || method === null || method === BACK) return method ?? null;
	const logInBy = method === "code" ? logInByCode : logInByPassword;
	const admission = await logInBy(page, service, identity, orEnd);
	if (admission === null || admission === BACK) return admission;
	if (await service.isUnremembered(identity.email)) page.fail(NOT_REMEMBERED);
	page.welcome(admission.welcome.name);
	return admission;
}

const isTaken = (error: LoginDenied): boolean => hasCode(error, "name_taken");

/**
 * Joins, and while the name is taken asks for another, and not for the password: the server says so
 * only to a client that has proved the account. Null when the user gives up.
 */
async function joinUnderFreeName(
	page: LoginPage,
	{ name, email }: UserIdentity,
	join: (identity: UserIdentity) => Promise<Admission>,
	orEnd: OrEnd,
): Promise<Outcome> {
	let isProved = false;
	for (let given = name; ; ) {
		try {
			return await orEnd(join({ name: given, email }));
		} catch (error) {
			if (!(error instanceof LoginDenied)) throw error;
			// With another name, there may be too many logins by now.
			if (!isTaken(error) && !(isProved && mayPass(error.code))) throw error;
			isProved = true;
			page.fail(`${error.message} You need not type your password again.`, error.code);
			const other = await orEnd(
				page.askIdentity({ ...NOTHING_KNOWN, email }, { name: given, email }),
			);
			if (other === null || other === BACK) return other;
			given = other.name;
		}
	}
}

/** Null if this device is not remembered, or not any more: then a password or code is needed. */
async function logInAsDevice(
	page: LoginPage,
	service: LoginService,
	identity: UserIdentity,
	orEnd: OrEnd,
): Promise<Admission | null> {
	try {
		const admission = await orEnd(service.joinAsDevice(identity));
		if (admission) page.succeed("The server remembers this device.");
		if (admission) page.welcome(admission.welcome.name);
		return admission;
	} catch (error) {
		if (!(error instanceof DeviceRefused)) throw error;
		page.fail(error.message, error.code);
		return null;
	}
}

/** Asks once. False when the user gives up. */
async function decideToRemember(
	page: LoginPage,
	service: LoginService,
	{ email }: UserIdentity,
	orEnd: OrEnd,
): Promise<boolean> {
	if (!service.mayRemember(email)) return true;
	const isWanted = await orEnd(page.askToRemember());
	if (isWanted === null) return false;
	service.remember(email, isWanted);
	return true;
}

async function logInByPassword(
	page: LoginPage,
	service: LoginService,
	identity: UserIdentity,
	orEnd: OrEnd,
): Promise<Outcome> {
	const password = await orEnd(page.askPassword());
	if (password === null || password === BACK) return password;
	if (!(await decideToRemember(page, service, identity, orEnd))) return null;
	const verifier = verifierName(service.verifier);
	const join = (given: UserIdentity): Promise<Admission> => {
		page.start(`Checking your password with ${verifier}...`);
		return service.join({ ...given, password });
	};
	const admission = await joinUnderFreeName(page, identity, join, orEnd);
	if (admission && admission !== BACK) page.succeed(`${verifier} accepted your password.`);
	return admission;
}

/** Asks again after a wrong code, for as long as the server allows another try. */
async function logInByCode(
	page: LoginPage,
	service: LoginService,
	identity: UserIdentity,
	orEnd: OrEnd,
): Promise<Outcome> {
	page.start("Asking the server for a code...");
	const ticket = await orEnd(service.requestCode(identity.email));
	if (ticket === null) return null;
	page.succeed(`If ${identity.email} can join this room, a code is on its way there.`);
	for (;;) {
		const typed = await orEnd(page.askCode());
		if (typed === null || typed === BACK) return typed;
		if (!(await decideToRemember(page, service, identity, orEnd))) return null;
		const code = compactCode(typed);
		page.start("Checking the code...");
		try {
			const admission = await orEnd(service.join({ ...identity, ticket, code }));
			if (admission) page.succeed("The code is correct.");
			return admission;
		} catch (error) {
			if (!(error instanceof LoginDenied) || !hasCode(error, "wrong_code")) throw error;
			page.fail(error.message, error.code);
		}
	}
}
