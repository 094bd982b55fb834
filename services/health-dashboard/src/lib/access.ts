/** Whether the Admin API wants to know who asks: set by whoever is refused, cleared by who signs in. */
import { Store } from "@/lib/store";

export const access = new Store<{ readonly isRefused: boolean }>({ isRefused: false });
