/** Ends the session; without a session, opens the sign-in form if this machine may read without one. */
import { signOut, useSession } from "@/api/access/session";
import { Button } from "@/components/controls/Button";
import { askToSignIn } from "@/lib/access";
import type { ReactNode } from "react";

export function SessionButton(): ReactNode {
  const { data } = useSession();
  if (data === undefined) return null;
  if (data.kind === null) return <Button onClick={askToSignIn}>Sign in</Button>;
  return (
    <Button
      onClick={() => {
        void signOut().catch(() => undefined); // the page shows that the API does not answer
      }}
    >
      Sign out
    </Button>
  );
}
