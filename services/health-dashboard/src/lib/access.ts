/** Whether the sign-in form stands before the page: since a request was refused, or since somebody wants to sign in. */
import { Store } from "@/lib/store";

export const access = new Store<{ readonly isRefused: boolean; readonly mayGoBack: boolean }>({
  isRefused: false,
  mayGoBack: false,
});

/** Shows the form to somebody who may read, and may go back to that. */
export function askToSignIn(): void {
  access.set({ isRefused: true, mayGoBack: true });
}

/** Shows the page. */
export function leaveSignIn(): void {
  access.set({ isRefused: false, mayGoBack: false });
}
