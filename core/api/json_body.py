"""Strict JSON at the door: what PostgreSQL or Python would choke on later is refused here."""

import re
import zlib
from collections.abc import Iterator
from typing import Any

import msgspec
from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser

from core.api.errors import ApiRefusal, refuse
from core.errors import Problem

# Bytes of a request's body, before and after inflating.
BODY_LIMIT = 5 * 1024 * 1024
DEPTH_LIMIT = 32
INTEGER_LIMIT = 2**63 - 1
CHUNK = 64 * 1024
# What is nested deeper than this is cut out before decoding, so that no decoder recurses far;
# what is left is still deeper than DEPTH_LIMIT and therefore refused by name.
CUT_DEPTH = DEPTH_LIMIT + 8
# A string that never ends is one token too, so that hostile text is read once, not again and again.
TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
CHARSET = re.compile(r'charset\s*=\s*"?([^";\s]+)', re.IGNORECASE)
NOT_NUMBERS = re.compile(rb"-?(NaN|Infinity)")
POSITION = re.compile(r"\(byte (\d+)\)")


class StrictJSONParser(BaseParser):
    """Parses UTF-8 JSON, plain or gzipped; refuses the whole body for any bad value in it."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The decoded body; raises ApiRefusal with the field or position at fault."""
        value = self.decode(stream, media_type, parser_context)
        if problem := value_problem(value):
            raise refuse(problem)
        return value

    @staticmethod
    def decode(stream: Any, media_type: str | None, parser_context: Any) -> Any:
        """The decoded body with only its syntax checked."""
        check_charset(media_type or "")
        return decode_json(read_body(stream, parser_context["request"].META))


class BatchJSONParser(StrictJSONParser):
    """The same for bodies with a list of items, whose values are checked item by item later."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The decoded body; raises ApiRefusal only for syntax and size."""
        return self.decode(stream, media_type, parser_context)


def check_charset(media_type: str) -> None:
    """Raises ApiRefusal for any charset but UTF-8."""
    named = CHARSET.search(media_type)
    if named and named[1].lower() not in {"utf-8", "utf8"}:
        raise ApiRefusal("unsupported_charset", _("Send JSON in UTF-8."), status=415)


def read_body(stream: Any, meta: dict[str, Any]) -> bytes:
    """The bytes of the body, inflated when gzipped, never more than BODY_LIMIT of them."""
    encoding = str(meta.get("HTTP_CONTENT_ENCODING", "")).strip().lower()
    if encoding not in {"", "identity", "gzip"}:
        raise ApiRefusal("unsupported_encoding", _("Send the body plain or as gzip."), status=415)
    chunks = read_chunks(stream)
    if encoding == "gzip":
        chunks = inflate(chunks)
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > BODY_LIMIT:
            raise ApiRefusal(
                "body_too_large",
                _("A request may have at most %(size)s MB. Send smaller batches.")
                % {"size": BODY_LIMIT // 1024**2},
                status=413,
            )
    return bytes(body)


def read_chunks(stream: Any) -> Iterator[bytes]:
    """The stream piece by piece; raises ApiRefusal when the connection breaks."""
    try:
        while chunk := stream.read(CHUNK):
            yield chunk
    except OSError:
        raise ApiRefusal("body_cut", _("The request's body ended too early.")) from None


def inflate(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Gunzipped pieces of at most CHUNK bytes; raises ApiRefusal for a broken stream."""
    inflater = zlib.decompressobj(wbits=31)
    try:
        for chunk in chunks:
            pending = chunk
            while pending:
                yield inflater.decompress(pending, CHUNK)
                pending = inflater.unconsumed_tail
    except zlib.error:
        raise ApiRefusal("invalid_gzip", _("The body is not valid gzip.")) from None
    if not inflater.eof or inflater.unused_data:
        raise ApiRefusal("invalid_gzip", _("The body is not one whole gzip stream."))


def decode_json(body: bytes) -> Any:
    """The value of a JSON text; numbers out of range come back as infinities, to be named later.

    Raises ApiRefusal with code invalid_json, invalid_number or too_deep.
    """
    shallow, was_deep = cut_deep(body)
    try:
        return _decode(shallow)
    except UnicodeDecodeError:
        raise ApiRefusal("invalid_json", _("The body is not valid UTF-8.")) from None
    except msgspec.DecodeError as error:
        if was_deep:
            raise refuse(_too_deep("")) from None
        raise _syntax_refusal(body, str(error)) from None


def _decode(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except msgspec.ValidationError:
        # Only numbers are validated here. Once more, keeping what does not fit as infinity.
        try:
            return TOLERANT.decode(body)
        except msgspec.ValidationError:
            raise ApiRefusal(
                "out_of_range", _("A number in the body has far too many digits.")
            ) from None


TOLERANT: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=float)


def cut_deep(body: bytes) -> tuple[bytes, bool]:
    """The text with everything nested deeper than CUT_DEPTH left out, and whether there was any."""
    if body.count(b"[") + body.count(b"{") <= CUT_DEPTH:
        return body, False
    depth, kept, cut_from = 0, 0, None
    pieces: list[bytes] = []
    for token in TOKENS.finditer(body):
        first = body[token.start()]
        if first in b"[{":
            depth += 1
            if depth == CUT_DEPTH + 1 and cut_from is None:
                cut_from = token.start()
                pieces += [body[kept:cut_from], b"0"]
        elif first in b"]}":
            depth -= 1
            if cut_from is not None and depth == CUT_DEPTH:
                kept, cut_from = token.end(), None
    if not pieces:
        return body, False
    return b"".join(pieces if cut_from is not None else [*pieces, body[kept:]]), True


def _syntax_refusal(body: bytes, reason: str) -> ApiRefusal:
    found = POSITION.search(reason)
    position = int(found[1]) if found else len(body)
    # The decoder points at the N of NaN, or behind the sign of -Infinity.
    if NOT_NUMBERS.match(body, position):
        return ApiRefusal(
            "invalid_number",
            _("NaN and Infinity are not JSON numbers (at byte %(at)s).") % {"at": position},
        )
    line = body.count(b"\n", 0, position) + 1
    return ApiRefusal(
        "invalid_json",
        _("The body is not valid JSON: it breaks off or goes wrong at byte %(at)s, line %(line)s.")
        % {"at": position, "line": line},
    )


def value_problem(value: Any, path: str = "") -> Problem | None:
    """The first thing in a decoded value that cannot be stored, with its field; None when fine."""
    todo: list[tuple[Any, str, int]] = [(value, path, 1)]
    while todo:
        item, where, depth = todo.pop()
        if isinstance(item, (dict, list)):
            if depth > DEPTH_LIMIT:
                return _too_deep(path or where.split(".", 1)[0])
            todo += [(inner, name, depth + 1) for inner, name in _children(item, where)]
        elif problem := _scalar_problem(item, where):
            return problem
    return None


def _children(item: dict[str, Any] | list[Any], where: str) -> Iterator[tuple[Any, str]]:
    pairs = item.items() if isinstance(item, dict) else enumerate(item)
    for key, inner in pairs:
        name = f"{where}.{key}" if where else str(key)
        yield inner, name
        if isinstance(key, str) and "\x00" in key:
            yield key, where or "body"


def _scalar_problem(item: Any, where: str) -> Problem | None:
    if isinstance(item, str):
        if "\x00" in item:
            return Problem(
                "nul_character", _("This text contains a NUL character."), where.replace("\x00", "")
            )
    elif isinstance(item, int):
        if abs(item) > INTEGER_LIMIT:
            return Problem("out_of_range", _("This number is too large."), where)
    elif isinstance(item, float) and item in (float("inf"), float("-inf")):
        return Problem("invalid_number", _("This number is too large."), where)
    return None


def _too_deep(where: str) -> Problem:
    return Problem(
        "too_deep",
        _("Values may be nested at most %(limit)s levels deep.") % {"limit": DEPTH_LIMIT},
        where,
    )
