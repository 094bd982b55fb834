/** Ends the session, where there is one: a page on its own machine may need none. */
import { signOut, useSession } from "@/api/session";
import { Button } from "@/components/Button";
import type { ReactNode } from "react";

export function SignOut(): ReactNode {
  const { data } = useSession();
  if (data?.kind !== "session") return null;
  return (
    <Button
      onClick={() => {
        void signOut().catch(() => undefined); // the page shows by itself that nothing answers
      }}
    >
      Sign out
    </Button>
  );
}
