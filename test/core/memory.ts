/** The memory that code takes as typed arrays, so that a test can look for secrets left in it. */

type Kind = Uint8ArrayConstructor | Int32ArrayConstructor | Uint32ArrayConstructor;

const kinds: Kind[] = [Uint8Array, Int32Array, Uint32Array];

/**
 * What an action allocates, one array for each buffer, as it is when the action has ended, whether
 * anybody still has it or not. What the engine allocates for itself is not seen.
 */
export async function allocatedIn(action: () => unknown): Promise<Uint8Array[]> {
  const buffers = new Set<ArrayBufferLike>();
  for (const kind of kinds) install(kind, watched(kind, buffers));
  try {
    await action();
  } finally {
    for (const kind of kinds) install(kind, kind);
  }
  return [...buffers].map((buffer) => new Uint8Array(buffer));
}

/** How many pieces of memory hold these bytes, and do not belong to one of the results. */
export function holders(memory: Uint8Array[], bytes: Uint8Array, ...results: Uint8Array[]): number {
  const own = new Set(results.map(({ buffer }) => buffer));
  const others = memory.filter(({ buffer }) => !own.has(buffer));
  return others.filter((one) => Buffer.from(one.buffer).includes(bytes)).length;
}

/** Calls the constructor, and so do `slice`, `map` and the like: they go by the prototype. */
function install(kind: Kind, instead: Kind): void {
  Object.assign(globalThis, { [kind.name]: instead });
  Object.assign(kind.prototype, { constructor: instead });
}

function watched(kind: Kind, buffers: Set<ArrayBufferLike>): Kind {
  const proxy: Kind = new Proxy(kind, {
    construct(target, given, newTarget) {
      const own = newTarget === proxy ? target : newTarget;
      const made = Reflect.construct(target, given, own) as InstanceType<Kind>;
      buffers.add(made.buffer);
      return made;
    },
  });
  return proxy;
}
