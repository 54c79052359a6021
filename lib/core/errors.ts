/** The one error that is meant for people, and its closed set of codes (README, exit status). */

export type ErrorCode = "io" | "usage" | "malformed" | "too-few" | "mismatch" | "refused";

/** A fault of the input or the world. The message never holds input bytes, only where and what. */
export class RecoveryError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

export function fail(code: ErrorCode, message: string, hint?: string): never {
  throw new RecoveryError(code, message, hint);
}

/** Runs `action`; a RecoveryError that leaves it says where, as in `line 2: …`. */
export async function at<T>(where: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw located(where, error);
  }
}

/** `at`, for a generator. */
export async function* eachAt<T>(where: string, items: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    throw located(where, error);
  }
}

function located(where: string, error: unknown): unknown {
  if (!(error instanceof RecoveryError) || error.code === "io") return error; // io names its file
  return new RecoveryError(error.code, `${where}: ${error.message}`, error.hint);
}
