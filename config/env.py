"""Typed readers of environment variables; a value that makes no sense stops the process."""

import os
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """The variable as text; raises ImproperlyConfigured when it is unset without a default."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name}: it has no default.")
    return value


def flag(name: str, default: bool = False) -> bool:
    """True for `1`, False for `0` or empty; anything else raises ImproperlyConfigured."""
    value = os.environ.get(name, "1" if default else "0")
    if value not in {"0", "1", ""}:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")
    return value == "1"


def number(name: str, default: int) -> int:
    """The variable as a whole number; anything else raises ImproperlyConfigured."""
    value = os.environ.get(name, str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """The variable split at commas, blanks stripped, empty items dropped."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def database(name: str) -> dict[str, Any]:
    """Django's settings for `postgres://user:password@host:port/name?host=/socket/folder`."""
    url = urlsplit(text(name))
    if url.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must start with postgres://, not {url.scheme}://.")
    query = {key: values[-1] for key, values in parse_qs(url.query).items()}
    return {
        "ENGINE": "django_tenants.postgresql_backend",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": query.pop("host", "") or (url.hostname or ""),
        "PORT": query.pop("port", "") or (str(url.port) if url.port else ""),
        "OPTIONS": query,
    }
