import type { Problem } from '../api';

/** What can go wrong before a service answers, beside the `code`s of its own problem documents. */
export type ClientCode = 'offline' | 'network_error' | 'connection_lost' | 'answer_failed' | 'bad_response';

interface ErrorParts {
  status?: number;
  code: string;
  /** Seconds to wait, when the service told them. */
  retryAfter?: number;
  problem?: Partial<Problem>;
}

/** Everything that the client throws, but for the `AbortError` of a signal of yours. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly retryAfter: number | undefined;
  readonly problem: Partial<Problem> | undefined;

  constructor(message: string, { status = 0, code, retryAfter, problem }: ErrorParts) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
    this.problem = problem;
  }

  /** Whether the same request may succeed when it is simply sent again. */
  get isPassing(): boolean {
    return [502, 503, 504].includes(this.status) || ['network_error', 'connection_lost'].includes(this.code);
  }
}

/** The error that a refusal tells; what is no problem document gets the code `http_<status>`. */
export async function errorOf(response: Response): Promise<ApiError> {
  const problem = await readProblem(response);
  return new ApiError(problem.detail ?? `The service answered with status ${response.status}.`, {
    status: response.status,
    code: problem.code ?? `http_${response.status}`,
    retryAfter: readRetryAfter(response.headers.get('Retry-After')),
    problem,
  });
}

/** `Retry-After` in seconds, written as a number or as a date. */
export function readRetryAfter(value: string | null, now = Date.now()): number | undefined {
  if (!value) return undefined;
  const seconds = /^\d+$/.test(value.trim()) ? Number(value) : (Date.parse(value) - now) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

async function readProblem(response: Response): Promise<Partial<Problem>> {
  try {
    const body: unknown = await response.json();
    if (typeof body !== 'object' || body === null) return {};
    const { code, detail } = body as Record<string, unknown>;
    return {
      ...(body as Partial<Problem>),
      code: typeof code === 'string' ? code : undefined,
      detail: typeof detail === 'string' ? detail : undefined,
    };
  } catch {
    return {};
  }
}
