"""Mails of Acme for the tests: a brand, links, a recipient, and short ways to fill one in."""

from typing import Any

from campaigns.compile import CompiledTemplate, compile_template
from campaigns.contracts import Brand
from campaigns.render import LinkPatterns, Program, Recipient, RenderedMessage

ACME = Brand(name="Acme & Co", address="Via Roma 1, Torino")
LINKS = LinkPatterns(
    unsubscribe="https://acme.test/u/{consent}",
    preferences="https://acme.test/p/{consent}",
    view="https://acme.test/v/{token}",
    click="https://acme.test/c/{token}/{index}",
    open="https://acme.test/o/{token}.gif",
)


def recipient(**context: Any) -> Recipient:
    return Recipient(context, token="TOKEN", consent="CONSENT")


def from_html(html: str, *, subject: str = "Hello", text: str | None = None) -> CompiledTemplate:
    return compile_template(subject=subject, html=html, text=text, brand=ACME)


def from_blocks(*body: dict[str, Any], subject: str = "Hello") -> CompiledTemplate:
    return compile_template(subject=subject, body=body, brand=ACME)


def block(kind: str, **settings: Any) -> dict[str, Any]:
    return {"kind": kind, "settings": settings}


def filled(compiled: CompiledTemplate, **context: Any) -> RenderedMessage:
    (message,) = Program(compiled, LINKS).render([recipient(**context)])
    assert isinstance(message, RenderedMessage), message
    return message


def body_of(message: RenderedMessage) -> str:
    """What stands in a hand-written mail's body, without the pixel."""
    return message.html.partition('<body style="margin:0;padding:0;">')[2].partition("<img src=")[0]
