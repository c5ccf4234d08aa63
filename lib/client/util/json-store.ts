/** Where small things are kept from one run to the next, each as JSON under a name. */
export interface JsonStore {
	/** The object written last, not validated; `{}` if it is missing or damaged. */
	read(name: string): Record<string, unknown>;
	/** Failures are ignored: where nothing can be kept, people chat all the same. */
	write(name: string, value: object): void;
}
