/** Whether the sign-in form is shown instead of the page: after a refused request, or on request of the viewer. */
import { Store } from "@/lib/store";

export const access = new Store<{ readonly isRefused: boolean; readonly mayGoBack: boolean }>({
  isRefused: false,
  mayGoBack: false,
});

/** Show the sign-in form to a viewer who can read without signing in; it can be cancelled. */
export function askToSignIn(): void {
  access.set({ isRefused: true, mayGoBack: true });
}

/** Show the page. */
export function leaveSignIn(): void {
  access.set({ isRefused: false, mayGoBack: false });
}
