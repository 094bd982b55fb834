/** Converts a query result to the state of a fetch. */
import { serverClock } from "@/lib/serverClock";
import type { Loadable } from "@/types/loadable";

interface QueryLike<Data> {
  readonly data: Data | undefined;
  readonly error: Error | null;
  readonly refetch: () => unknown;
  /** By the browser's clock; 0 if there was no answer yet. */
  readonly dataUpdatedAt?: number;
}

/** Return the state, with `retry` to fetch again. */
export function asLoadable<Data>(query: QueryLike<Data>): Loadable<Data> {
  return {
    data: query.data,
    error: query.error,
    updatedMs: query.dataUpdatedAt ? serverClock.at(query.dataUpdatedAt) : null,
    retry: () => {
      query.refetch();
    },
  };
}
