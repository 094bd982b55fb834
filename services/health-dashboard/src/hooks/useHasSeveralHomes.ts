/** Whether several homes are captured; entities are then shown with their home. */
import { createContext, use } from "react";

export const SeveralHomesContext = createContext(false);

export function useHasSeveralHomes(): boolean {
  return use(SeveralHomesContext);
}
