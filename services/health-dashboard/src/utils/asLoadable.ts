/** A query's result as what the faces take. */
import type { Loadable } from "@/types/loadable";

interface QueryLike<Data> {
  readonly data: Data | undefined;
  readonly error: Error | null;
  readonly refetch: () => unknown;
}

/** The same, with `retry` for asking again. */
export function asLoadable<Data>(query: QueryLike<Data>): Loadable<Data> {
  return {
    data: query.data,
    error: query.error,
    retry: () => {
      query.refetch();
    },
  };
}
