import { constants } from "node:crypto";

/** For a socket's `secureOptions`: rules out everything but TLS 1.3. */
export const ONLY_TLS_1_3 =
	constants.SSL_OP_NO_TLSv1 | constants.SSL_OP_NO_TLSv1_1 | constants.SSL_OP_NO_TLSv1_2;
