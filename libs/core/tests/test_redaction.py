"""No secret stays in a text, however it is written."""

from __future__ import annotations

import pytest
from ha_ingestor_core import redaction
from ha_ingestor_core.errors import IngestorError, ServiceUnavailableError
from ha_ingestor_core.redaction import remember_credentials, remember_secret, without_secrets
from ha_ingestor_core.settings.addresses import HttpAddress
from ha_ingestor_core.settings.group import SettingsGroup
from pydantic import Field, SecretStr

SECRET = "s3cr3t-of-mine"


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_remembered", set())


@pytest.mark.parametrize(
    "text",
    [
        f"http://user:{SECRET}@influx:8086 did not answer",
        f"http://user:{SECRET}@x@influx:8086 did not answer",
        f"http://user:a/b{SECRET}@influx:8086 did not answer",
        f"HTTPS://{SECRET}@influx:8086/path?q=1",
        f"wss://:{SECRET}@influx:8086",
        f"two: http://a:{SECRET}@b and http://c:{SECRET}@d",
        f"GET /query?u=me&p={SECRET}&q=SELECT",
        f"https://api.example/data?appid={SECRET}&lat=1",
        f"https://api.example/data?lat=1&apikey={SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"Authorization: Token {SECRET}-and-longer",
        f"Authorization: Basic {SECRET}",
        f"the token hai_{SECRET}-and-longer-than-that",
        f"eyJhbGciOiJIUzI1NiJ9.{SECRET}.x",
    ],
)
def test_what_can_be_recognised_is_hidden(text: str) -> None:
    assert SECRET not in without_secrets(text)


def test_the_rest_of_an_address_stays() -> None:
    assert without_secrets(f"http://user:{SECRET}@influx:8086/a is away") == "http://…@influx:8086/a is away"
    for text in ("http://influx:8086/a is away, write to me@example.org", "a token=", "Token 3f9c01ab for prometheus"):
        assert without_secrets(text) == text


@pytest.mark.parametrize(
    "word", ["://", "://a", "eyJ", "eyJaaaaaaaa", "eyJaaaaaaaa.", "hai_", "Bearer ", "Token ", "?p="]
)
def test_a_text_is_read_once_whatever_a_caller_repeats_in_it(word: str) -> None:
    text = word * (2_000_000 // len(word))  # read again at each word, that would take hours
    assert len(without_secrets(text)) <= len(text)


def test_what_looks_like_one_secret_hides_no_other() -> None:
    for text in (
        f"a://b/x://c:{SECRET}@d",
        f"Bearer eyJ{SECRET}",
        f"eyJhbGciOiJI://u:{SECRET}@h",
        f"://?token={SECRET}",
    ):
        assert SECRET not in without_secrets(text)


def test_a_remembered_value_is_hidden_in_every_form() -> None:
    remember_secret("p@ss/w ord+1")
    for text in ("it was p@ss/w ord+1!", "it was p%40ss%2Fw%20ord%2B1!"):
        assert without_secrets(text) == "it was …!"


def test_a_value_that_is_as_short_as_a_word_is_not() -> None:
    remember_secret("home")
    assert without_secrets("the home is away") == "the home is away"


def test_the_password_of_an_address_is_hidden_elsewhere_too() -> None:
    remember_credentials(f"tgram://x:{SECRET}@host, http://me:second-{SECRET}@b")
    assert without_secrets(f"{SECRET} and second-{SECRET}") == "… and …"


def test_errors_hide_secrets_when_they_are_made() -> None:
    url = f"http://me:{SECRET}@influx:8086"
    for err in (IngestorError(f"{url} is away", url=url), ServiceUnavailableError(f"{url} is away", url=url)):
        assert err.message == str(err) == "http://…@influx:8086 is away"
        assert err.detail == {"url": "http://…@influx:8086"}


class _Settings(SettingsGroup):
    token: SecretStr | None = Field(None, validation_alias="REDACTION_TOKEN")
    url: HttpAddress | None = Field(None, validation_alias="REDACTION_URL")


def test_the_secrets_of_settings_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDACTION_TOKEN", f"user:{SECRET}")
    monkeypatch.setenv("REDACTION_URL", f"http://me:other-{SECRET}@host")
    _Settings()  # type: ignore[call-arg]  # its fields come from the environment
    assert without_secrets(f"'user:{SECRET}' {SECRET} other-{SECRET}") == "'…' … …"
