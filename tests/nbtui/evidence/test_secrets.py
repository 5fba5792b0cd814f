"""Secrets are known by name and value, and taken out of text without harm to the rest."""

import json

import msgspec
import pytest

from nbtui.evidence.secrets import REDACTED, Redactor, is_secret
from nbtui.run.events import Noted, RunStarted

ENV = {
    "SITE_TOKEN": 'can"ary-1\\x', "DB_PASSWORD": "hunter2-canary", "AUTH_HOME": "/home/me",
    "MY_KEY": "12345678", "API_KEY": "default", "HOME": "/home/me",
}  # fmt: skip


@pytest.mark.parametrize(
    "name", ["GITHUB_TOKEN", "my_secret", "DB_PASSWORD", "AWS_ACCESS_KEY_ID", "SSH_AUTH_SOCK",
             "MY_KEY", "DB_PASS", "GOOGLE_CREDENTIALS"],
)  # fmt: skip
def test_names_tell(name: str) -> None:
    assert is_secret(name, "x")


@pytest.mark.parametrize("name", ["KEYBOARD", "PASSENGERS", "MONKEY", "NBTUI_RUN_TOKEN", "AUTHOR"])
def test_other_names_do_not(name: str) -> None:
    assert not is_secret(name, "x")


def test_values_are_taken_out_plain_and_as_json_writes_them() -> None:
    redactor = Redactor.of(ENV)
    text = f"token {ENV['SITE_TOKEN']} and hunter2-canary"
    assert redactor.text(text) == f"token {REDACTED} and {REDACTED}"
    document = json.dumps({"a": ENV["SITE_TOKEN"]})
    assert json.loads(redactor.text(document)) == {"a": REDACTED}


def test_what_looks_like_a_secret_goes_without_being_known() -> None:
    key = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----"
    text = f"https://me:pw@host/x AKIAABCDEFGHIJKLMNOP ghp_{'a' * 36} {key} end"
    assert Redactor().text(text) == (
        f"https://{REDACTED}@host/x {REDACTED} {REDACTED} {REDACTED} end"
    )


def test_paths_numbers_and_words_that_are_everywhere_stay() -> None:
    text = "/home/me/x 12345678 default"
    assert Redactor.of(ENV).text(text) == text
    digest = "sha256 " + "ab12" * 16
    assert Redactor.of(ENV).text(digest) == digest
    assert Redactor.of(ENV).data(b"\xff\x00hunter2-canary") == b"\xff\x00hunter2-canary"


def test_events_keep_their_shape() -> None:
    redactor = Redactor.of({"A_TOKEN": "the-text-is-note", "B_TOKEN": "hunter2-canary"})
    noted = Noted(text="hunter2-canary the-text-is-note")
    plain = redactor.plain(msgspec.to_builtins(noted))
    assert plain == {"type": "note", "text": f"{REDACTED} {REDACTED}"}
    assert msgspec.convert(plain, RunStarted | Noted) == Noted(text=f"{REDACTED} {REDACTED}")
