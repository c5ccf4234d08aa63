import { styleText } from "node:util";
import { colourOf } from "../util/name-colour.ts";

type Format = Parameters<typeof styleText>[0];

/** Colours that can be read on light and on dark, and that mean nothing else in this program. */
const FORMATS: Format[] = [
	"cyan",
	"magenta",
	"green",
	"yellow",
	"cyanBright",
	"magentaBright",
	"greenBright",
	"blueBright",
];

/** Styles text. When off, every method returns its text unchanged. */
export class Style {
	readonly #isOn: boolean;

	constructor(isOn: boolean) {
		this.#isOn = isOn;
	}

	dim(text: string): string {
		return this.#set("dim", text);
	}

	bold(text: string): string {
		return this.#set("bold", text);
	}

	inverse(text: string): string {
		return this.#set("inverse", text);
	}

	warning(text: string): string {
		return this.#set("red", text);
	}

	/** A name in its own colour, which is the same in every run and on every machine. */
	name(name: string): string {
		return this.#set(["bold", ...[FORMATS[colourOf(name)] ?? "bold"].flat()], name);
	}

	#set(format: Format, text: string): string {
		return this.#isOn ? styleText(format, text, { validateStream: false }) : text;
	}
}
