/** Requests to the Admin API. Every failure becomes an ApiError with a readable message. */
import { access } from "@/lib/access";
import { clientId } from "@/lib/clientId";
import type { ErrorAnswer } from "@/types/api";

const TIMEOUT_MS = 10_000;
const ACCEPT = { Accept: "application/json", "X-Client-Id": clientId() };

/** A failed request; `status` 0 means that there was no answer. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    message: string,
    readonly status: number,
    readonly key: string,
    /** Machine-readable details, such as the `field` with an error. */
    readonly detail: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** Whether the API refused the request as invalid, so that repeating it does not help. */
export function isRefusedQuestion(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.status === 404 || error.status === 422);
}

export type Parameters = Readonly<Record<string, string | number | undefined>>;

/** The URL of an endpoint, relative to the page so that the prefix of a proxy is kept. */
export function apiUrl(path: string, parameters: Parameters = {}): string {
  const url = new URL(`api/v1/${path}`, document.baseURI);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url.href;
}

/** Return the JSON of an endpoint; throws ApiError, or the abort reason of `signal`. */
export async function getJson<T>(path: string, parameters?: Parameters, signal?: AbortSignal): Promise<T> {
  return read<T>(await ask(apiUrl(path, parameters), { headers: ACCEPT }, signal), signal);
}

/** Send a POST request and return the JSON of its answer; throws ApiError. */
export async function postJson<T>(path: string): Promise<T> {
  return read<T>(await ask(apiUrl(path), { method: "POST", headers: ACCEPT }));
}

async function read<T>(response: Response, signal?: AbortSignal): Promise<T> {
  const body: unknown = await response.json().catch(() => null);
  signal?.throwIfAborted();
  if (response.status === 401) access.set({ isRefused: true, mayGoBack: false });
  if (!response.ok) throw asError(response.status, body);
  if (body === null) throw new ApiError("The Admin API's answer cannot be read", response.status, "not_json");
  return body as T;
}

/** Send a change with a body and return the JSON of its answer; throws ApiError. */
export async function changeJson<T>(method: "POST" | "PUT", path: string, body: unknown, parameters?: Parameters): Promise<T> {
  const headers = { ...ACCEPT, "Content-Type": "application/json" };
  return read<T>(await ask(apiUrl(path, parameters), { method, headers, body: JSON.stringify(body) }));
}

/** Send a change; throws ApiError if it fails. */
export async function sendJson(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<void> {
  const response = await ask(apiUrl(path), {
    method,
    headers: body === undefined ? ACCEPT : { ...ACCEPT, "Content-Type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw asError(response.status, await response.json().catch(() => null));
}

async function ask(url: string, wish: RequestInit, signal?: AbortSignal): Promise<Response> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await fetch(url, {
      ...wish,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch {
    signal?.throwIfAborted();
    throw new ApiError("The Admin API does not answer", 0, "unreachable");
  }
}

const GATEWAY: ReadonlySet<number> = new Set([502, 503, 504]);

function asError(status: number, body: unknown): ApiError {
  if (isErrorAnswer(body)) return new ApiError(body.error.message, status, body.error.key, body.error.detail);
  // A proxy answers instead of an Admin API that is not reachable.
  if (GATEWAY.has(status)) return new ApiError(`The Admin API does not answer (a proxy in front of it reports ${status})`, 0, "unreachable");
  return new ApiError(`The Admin API answered with status ${status}`, status, "unexpected_status");
}

function isErrorAnswer(body: unknown): body is ErrorAnswer {
  const error = (body as Partial<ErrorAnswer> | null)?.error;
  return typeof error?.message === "string" && typeof error.key === "string";
}
