/** The one error that users see, and its closed set of codes (SPEC, "Errors and exit status"). */

export type ErrorCode = "io" | "usage" | "malformed" | "too-few" | "mismatch" | "refused";

/** A fault in the input or its surroundings. The message says where and what, never input bytes. */
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

/** Runs `action`; the message of a RecoveryError then begins with the place, as in `line 2: …`. */
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
