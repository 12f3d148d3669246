from __future__ import annotations

import logging
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_data.http import REDACTED, redact
from fg_data.http.redaction import keep_out_of_logs

SECRETS = st.text(min_size=8, max_size=40).filter(lambda text: REDACTED not in text)


@given(SECRETS, st.text(max_size=20), st.text(max_size=20))
def test_no_spelling_of_a_secret_is_left(secret: str, before: str, after: str) -> None:
    # What a filter cannot see: a secret of which the text around it makes another one.
    for spelt in (secret, quote(secret, safe=""), quote_plus(secret)):
        shown = redact(f"{before}?key={spelt}&{after}", [secret])
        assert REDACTED in shown
        assert f"key={spelt}&" not in shown


def test_an_empty_secret_hides_nothing() -> None:
    assert redact("abc", [""]) == "abc"


@pytest.mark.parametrize("name", ["httpx", "httpcore.http11", "httpcore.connection"])
def test_records_of_the_http_library_lose_the_secret(name, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    keep_out_of_logs(["s3cret-s3cret"])
    keep_out_of_logs(["s3cret-s3cret", ""])
    logging.getLogger(name).info("GET %s %d", "http://x/?k=s3cret-s3cret", 200)
    logging.getLogger(name).info("nothing to hide: %s", "abc")
    assert [r.getMessage() for r in caplog.records] == [
        "GET http://x/?k=*** 200",
        "nothing to hide: abc",
    ]
    assert caplog.records[1].args == ("abc",)
