/** Something that is being fetched, by whatever means; TanStack Query's results fit. */

export interface Loadable<Data> {
  readonly data: Data | undefined;
  readonly error: Error | null;
  readonly retry: () => void;
  /** When `data` came, by the server's clock; absent or null where that is not known. */
  readonly updatedMs?: number | null;
}
