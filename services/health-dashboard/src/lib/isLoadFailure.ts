/** Detects errors of lazily loaded files by the messages of each browser and of Vite. */
const WORDS = /dynamically imported module|importing a module script|unable to preload css/i;

/** True after an upgrade, when the files have other names, and while the server does not answer. */
export function isLoadFailure(error: Error): boolean {
  return WORDS.test(error.message);
}
