import { wipe } from "../core/bytes.ts";
import type { Read } from "../core/chunk-stream.ts";

/** What a generator of chunks yields, as a `Read`; wiped once it has been read. */
export function readFrom(chunks: AsyncGenerator<Uint8Array>): Read {
  let rest: Uint8Array = new Uint8Array(0);
  return async (buffer) => {
    let length = 0;
    while (length < buffer.length) {
      if (rest.length === 0) {
        const { value, done } = await chunks.next();
        if (done) break;
        rest = value;
      }
      const part = rest.subarray(0, buffer.length - length);
      buffer.set(part, length);
      wipe(part);
      length += part.length;
      rest = rest.subarray(part.length);
    }
    return length;
  };
}
