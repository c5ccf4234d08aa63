/** The path of the worker's file beside the bundle. */
declare const path: string;
export default path;
