/** The head of a request. */
export interface Request {
	readonly method: string;
	/** Without the query. */
	readonly path: string;
	/** By name in lower case; several of one name are joined by commas. */
	readonly headers: ReadonlyMap<string, string>;
	/** A body follows, which nothing here takes. */
	readonly hasBody: boolean;
}
