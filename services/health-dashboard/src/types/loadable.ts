/** The state of a fetch; results of TanStack Query are compatible. */

export interface Loadable<Data> {
  readonly data: Data | undefined;
  readonly error: Error | null;
  readonly retry: () => void;
  /** Time of receipt of `data` by the server's clock; absent or null if unknown. */
  readonly updatedMs?: number | null;
}
