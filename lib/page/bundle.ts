// By way of this file, because `bun build --compile` finds no HTML that is imported on demand.
export { default } from "./index.html";
