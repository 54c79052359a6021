/** The names that GCC's libraries ask for beyond musl's. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownArch } from "../../scripts/dev/project.ts";
import { aliasCode } from "../../scripts/dev/static/aliases.ts";
import { run } from "../../scripts/dev/static/run.ts";

const gaps = join(import.meta.dirname, "../../scripts/dev/static/gaps.c");

setDefaultTimeout(60_000); // as and ld are slow on a busy machine

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "names-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// the exit status is the number of the line that failed
test("the names that are supplied do what they say", () => {
  writeFileSync(join(folder, "names.c"), program);
  writeFileSync(join(folder, "aliases.s"), `${aliasCode(ownArch).join("\n")}\n`);
  // crtbegin.o, which the executables do without, has a __dso_handle too
  const flags = ["-static", "-fno-builtin", "-z", "noexecstack", "-D__dso_handle=unused"];
  run("musl-gcc", [...flags, "-o", "names", "names.c", "aliases.s", gaps], folder);
  const done = Bun.spawnSync([join(folder, "names")], { cwd: folder });
  expect([done.stdout.toString(), done.exitCode]).toEqual(["07 eight\n", 0]);
});

const program = `
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#define check(what) if (!(what)) return __LINE__
unsigned long __isoc23_strtoul(const char *, char **, int);
long long __isoc23_wcstoll(const wchar_t *, wchar_t **, int);
int __isoc23_sscanf(const char *, const char *, ...);
int fseeko64(FILE *, long, int);
long ftello64(FILE *);
void *__memcpy_chk(void *, const void *, size_t, size_t);
int __snprintf_chk(char *, size_t, int, size_t, const char *, ...);
int __sprintf_chk(char *, int, size_t, const char *, ...);
int __fprintf_chk(FILE *, int, const char *, ...);
unsigned arc4random(void);
int main(void)
{
	char text[8];
	int number;
	check(__isoc23_strtoul("0x1f", 0, 16) == 31);
	check(__isoc23_wcstoll(L"-12", 0, 10) == -12);
	check(__isoc23_sscanf("x 42", "x %d", &number) == 1 && number == 42);
	FILE *file = fopen("names.c", "r");
	check(file && !fseeko64(file, 7, SEEK_SET) && ftello64(file) == 7);
	check(__memcpy_chk(text, "seven..", 8, 8) == text && !strcmp(text, "seven.."));
	check(__snprintf_chk(text, 8, 1, 8, "%d", 123456789) == 9 && !strcmp(text, "1234567"));
	check(__sprintf_chk(text, 1, 8, "%02d", 7) == 2 && !strcmp(text, "07"));
	check(arc4random() != arc4random() || arc4random() != arc4random());
	check(__fprintf_chk(stdout, 1, "%s %s\\n", text, "eight") == 9);
	return 0;
}
`;
