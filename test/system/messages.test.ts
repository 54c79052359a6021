import { expect, test } from "bun:test";
import { escapeControls } from "../../lib/system/messages.ts";

test("escapeControls() escapes what moves a cursor or hides", () => {
  expect(escapeControls("a\nb\x1b[31m\x7f\u0085")).toBe("a\\u{a}b\\u{1b}[31m\\u{7f}\\u{85}");
  expect(escapeControls("right\u202eleft\u2066x\u2028y\u200bz")).toBe(
    "right\\u{202e}left\\u{2066}x\\u{2028}y\\u{200b}z",
  );
});

test("escapeControls() leaves what people read", () => {
  expect(escapeControls("Zoë's naïve клюв 鍵.txt")).toBe("Zoë's naïve клюв 鍵.txt");
});
