"""The texts of the sign-in page, in both languages: they stand there together, for nobody is known yet."""

from __future__ import annotations

from typing import Final

from twin.park.name import Name

WORDS: Final = {
    "title": Name("Đăng nhập", "Sign in"),
    "name": Name("Tên tài khoản", "Account"),
    "password": Name("Mật khẩu", "Password"),
    "code": Name("Mã xác thực, nếu tài khoản có dùng", "Code of your app, if your account has one"),
    "enter": Name("Vào", "Sign in"),
    "refused": Name(
        "Tên, mật khẩu hoặc mã không đúng, hoặc đã sai quá nhiều lần. Hãy thử lại, hoặc đợi một khắc.",
        "Name, password or code are not right, or were wrong too often. Try again, or wait a quarter of an "
        "hour.",
    ),
    "often": Name(
        "Quá nhiều lần thử từ máy này. Hãy đợi một phút.", "Too many tries from this machine. Wait a minute."
    ),
    "choose": Name("Chọn mật khẩu", "Choose a password"),
    "first": Name("Tài khoản đầu tiên", "The first account"),
    "display": Name("Họ và tên", "Your name"),
    "new": Name("Mật khẩu mới, từ 12 ký tự", "New password, 12 letters or more"),
    "keep": Name("Lưu", "Save"),
    "weak": Name(
        "Tên hoặc mật khẩu chưa dùng được: mật khẩu từ 12 đến 128 ký tự, không chứa tên tài khoản, không lặp "
        "vài ký tự; tên tài khoản từ 2 ký tự a-z, 0-9 và . _ @ + -",
        "Name or password will not do: a password has 12 to 128 letters, does not hold the account's name "
        "and does not repeat a few letters; an account's name is 2 or more of a-z, 0-9 and . _ @ + -",
    ),
    "over": Name(
        "Liên kết này đã dùng, đã quá một ngày, hoặc không đúng. Hãy xin liên kết mới.",
        "This link was used, is older than a day, or is none. Ask for a new one.",
    ),
    "provider": Name("Đăng nhập bằng tài khoản của công ty", "Sign in with your company's account"),
    "away": Name(
        "Không đăng nhập được bằng tài khoản công ty lúc này. Hãy thử lại, hoặc hỏi quản trị viên.",
        "Your company's sign-in does not work now. Try again, or ask the administrator.",
    ),
    "stranger": Name(
        "Tài khoản công ty này chưa được phép vào. Hãy hỏi quản trị viên.",
        "This company account has no place here yet. Ask the administrator.",
    ),
}
