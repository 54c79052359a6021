/** Whether secrets are wiped: what was in memory when zeros were written over all of it. */

const prototype = Object.getPrototypeOf(Uint8Array.prototype) as { fill: Uint8Array["fill"] };

/** Runs `action`; says of any bytes afterwards how many arrays that held them were wiped. */
export async function observeWipes(action: () => unknown): Promise<(secret: Uint8Array) => number> {
  const wiped: string[] = [];
  const { fill } = prototype;
  prototype.fill = function (this: Uint8Array, ...args: [number]) {
    if (this instanceof Uint8Array && args[0] === 0) wiped.push(this.toHex());
    return fill.apply(this, args);
  };
  try {
    await action();
  } finally {
    prototype.fill = fill;
  }
  return (secret) => wiped.filter((hex) => hex === secret.toHex()).length;
}
