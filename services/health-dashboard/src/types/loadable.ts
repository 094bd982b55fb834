/** Something that is being fetched, whoever fetches it; TanStack Query's results fit. */

export interface Loadable<Data> {
  readonly data: Data | undefined;
  readonly error: Error | null;
  readonly retry: () => void;
}
