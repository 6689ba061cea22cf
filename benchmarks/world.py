"""Workspaces, people and mails for the workloads."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

# The shop's mail: 18 KB of HTML with so many tracked links, greetings and unsubscribe address.
LINKS = 26
HTML_BYTES = 18_000


def owner() -> Any:
    """The one person who owns every workspace here."""
    from tenants.models import User

    found = User.objects.filter(email="owner@bench.example").first()
    return found or User.objects.create_user("owner@bench.example", "correct horse battery")


def make_workspace(slug: str, now: Any) -> Any:
    """A real workspace with a schema of its own, named after its slug."""
    from tenants.provisioning import create_workspace

    workspace = create_workspace(name=slug.title(), slug=slug, owner=owner(), now=now)
    workspace.postal_address = "Via Roma 1, 10121 Torino"
    workspace.sender_email = f"shop@{slug}.example"
    workspace.save()
    return workspace


def subscribers(count: int, prefix: str = "p") -> list[UUID]:
    """So many contacts of the current workspace who agreed to mail; their ids."""
    from contacts.models import Contact

    people = Contact.objects.bulk_create(
        (
            Contact(
                email=f"{prefix}{number:06}@example.com",
                first_name=f"Name{number % 997}",
                language="it" if number % 4 else "en",
                email_consent="subscribed",
                fields={"city": "Torino" if number % 2 else "Roma"},
            )
            for number in range(count)
        ),
        batch_size=2000,
    )
    return [person.pk for person in people]


def shop_mail() -> str:
    """Hand-written HTML that Django templates and Liquid read alike."""
    filler = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor. "
    head = "<h1>Dear {{ contact.first_name }}</h1><p>News from {{ contact.fields.city }}</p>"
    foot = "<p>{{ business.address }} <a href='{{ unsubscribe_url }}'>Unsubscribe</a></p>"
    style = "padding:8px 16px;color:#222222;font-family:Arial,Helvetica,sans-serif;font-size:14px;"
    style += "line-height:21px;border-bottom:1px solid #dddddd;background-color:#ffffff;"
    cell = f"<tr><td align='left' valign='top' width='600' style='{style}'>"
    cell += "<a href='https://shop.example/p/NN?ref=mail' style='text-decoration:none'>"
    each = (HTML_BYTES - len(head) - len(foot)) // LINKS - len(cell) - len("</a></td></tr>")
    words = (filler * 12)[:each]
    rows = "".join(cell.replace("NN", f"{n:02}") + words + "</a></td></tr>" for n in range(LINKS))
    return f"<html><body>{head}<table>{rows}</table>{foot}</body></html>"


def save_mail(name: str, html: str, now: Any) -> Any:
    """A saved mail of the current workspace, ready to be sent."""
    from campaigns.services import TemplateDraft, save_template

    draft = TemplateDraft(
        name=name, subject="For you, {{ contact.first_name }}", body={"html": html}
    )
    return save_template(draft=draft, now=now)


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """The statements run in the block; the search path's, one a cursor, are not among them."""
    from django.db import connection

    said: list[str] = []

    def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if not sql.startswith("SET search_path"):
            said.append(sql)
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        yield said
