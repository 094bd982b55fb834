/** Whether several homes are captured: an entity is then named together with its home. */
import { createContext, use } from "react";

export const SeveralHomesContext = createContext(false);

export function useHasSeveralHomes(): boolean {
  return use(SeveralHomesContext);
}
