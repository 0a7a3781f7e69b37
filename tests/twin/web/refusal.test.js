import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { ApiError } from "../../../twin/web/src/api.js";
import { translator } from "../../../twin/web/src/i18n.js";
import { refusalText } from "../../../twin/web/src/refusal.js";

/** @param {"vi" | "en"} language */
function context(language) {
  const url = new URL(`../../../twin/web/locales/${language}.json`, import.meta.url);
  return { t: translator(JSON.parse(readFileSync(url, "utf8")), language), format: { language } };
}

describe("a refusal", () => {
  const open = new ApiError(409, "command.open", "command c1 of bang/a/b is still open; wait for it");
  test("is told in the language of the page", () => {
    assert.equal(refusalText(context("vi"), open), "Thiết bị đang có một lệnh chưa xong.");
    assert.equal(refusalText(context("en"), open), open.message);
  });
  test("keeps the server's own words where they name a value", () => {
    const beyond = new ApiError(400, "command.value", "value 9000: must be 600 to 3600 rpm");
    assert.equal(refusalText(context("vi"), beyond), "Giá trị không hợp lệ. (value 9000: must be 600 to 3600 rpm)");
  });
  test("of a code without words says what the server said", () => {
    assert.equal(refusalText(context("vi"), new ApiError(409, "new.code", "something new")), "Máy chủ trả lời: something new");
  });
  test("of a failure is told without the server's English, and with what to do", () => {
    for (const code of ["http", "new.code"]) {
      assert.match(refusalText(context("vi"), new ApiError(500, code, "Internal Server Error")), /^Máy chủ gặp lỗi \(500\); thử lại sau/);
      assert.match(refusalText(context("vi"), new ApiError(502, code, "Bad Gateway")), /chưa trả lời \(502\)/);
      assert.match(refusalText(context("vi"), new ApiError(403, code, "Forbidden")), /hãy hỏi quản trị viên/);
    }
    assert.match(refusalText(context("en"), new ApiError(500, "http", "Internal Server Error")), /tell an administrator/);
  });
  test("without a server is told in both", () => {
    const away = new ApiError(0, "unreachable", "Failed to fetch");
    assert.equal(refusalText(context("vi"), away), "Không liên lạc được với máy chủ; kiểm tra mạng của máy này.");
    assert.equal(refusalText(context("en"), away), "The server cannot be reached; check the network of this computer.");
  });
});
