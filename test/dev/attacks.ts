/** What an environment may hold that a Bun, Node, JavaScriptCore or C library obeys. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Env } from "./machine.ts";

/** By the names of their variables. `folder` holds preload.cjs, jsc.conf and home/.bunfig.toml. */
export function attacks(folder: string): Record<string, Env> {
  const preload = join(folder, "preload.cjs");
  const home = join(folder, "home");
  const list: Env[] = [
    { BUN_BE_BUN: "1" },
    { BUN_OPTIONS: `--preload ${preload}` },
    { BUN_OPTIONS: "--smol --print 1" },
    { BUN_INSPECT_PRELOAD: preload },
    { BUN_INSPECT: "127.0.0.1:0" },
    { BUN_JSC_dumpOptions: "3" },
    { JSC_dumpOptions: "3" },
    { JSC_configFile: join(folder, "jsc.conf") },
    { BUN_JSC_logGC: "2" },
    { BUN_JSC_useJIT: "nonsense" },
    { BUN_CONFIG_VERBOSE_FETCH: "curl" },
    { BUN_DEBUG_QUIET_LOGS: "0" },
    { BUN_DEBUG: join(folder, "debug.log") },
    { BUN_GARBAGE_COLLECTOR_LEVEL: "2" },
    { BUN_THREADPOOL_STATS: "1" },
    { BUN_FEATURE_FLAG_SYNTHETIC_MEMORY_LIMIT: "1" },
    { BUN_RUNTIME_TRANSPILER_CACHE_PATH: home },
    { NODE_OPTIONS: `--require ${preload}` },
    { NODE_PATH: folder },
    { NODE_DEBUG: "fs,module,worker" },
    { NODE_CHANNEL_FD: "1" },
    { NODE_V8_COVERAGE: home },
    { NODE_EXTRA_CA_CERTS: join(folder, "absent.pem") },
    { MIMALLOC_VERBOSE: "3", MIMALLOC_SHOW_STATS: "1", MIMALLOC_SHOW_ERRORS: "1" },
    { HOME: home, XDG_CONFIG_HOME: home },
    { BUN_INSTALL: home },
    { TMPDIR: "/nonexistent", BUN_TMPDIR: "/nonexistent" },
    { FORCE_COLOR: "3", NO_COLOR: "1" },
    { TZ: "Asia/Kathmandu" },
    { LANG: "de_DE.UTF-8", LC_ALL: "tr_TR.UTF-8" },
    { GLIBC_TUNABLES: "glibc.malloc.check=3", MALLOC_CHECK_: "3", LD_PRELOAD: preload },
    { DO_NOT_TRACK: "0", CI: "1", DEBUG: "*", UV_THREADPOOL_SIZE: "0" },
  ];
  return Object.fromEntries(list.map((env) => [Object.keys(env).join(" "), env]));
}

/** Names in the executable that look like a variable's; many are not, but that does no harm. */
export function namesInside(executable: string): string[] {
  const text = readFileSync(executable, "latin1");
  const prefix = "BUN|NODE|JSC|MIMALLOC|MALLOC|UV|WTF|SSL|NPM|npm_config|__BUN|OPENSSL|ICU";
  const names = text.match(new RegExp(`\\b(${prefix})_[A-Za-z0-9_]{2,60}\\b`, "g")) ?? [];
  return [...new Set(names)];
}
