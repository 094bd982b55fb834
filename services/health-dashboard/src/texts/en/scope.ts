/** Texts about the scope of the viewer. */
export const scopeTexts = {
  needs: (what: string, scope: string) => (scope === "admin" ? `${what} needs the scope admin.` : `${what} needs the scope ${scope} or admin.`),
  noToken: "You are reading without a token.",
  has: (scope: string) => `You are signed in with the scope ${scope}.`,
  signIn: "Sign in",
};
