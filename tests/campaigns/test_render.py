"""Filling in: every value is safe where it lands, and the fast way agrees with Liquid."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.compile import CompiledTemplate
from campaigns.render import LinkPatterns, Program, RenderedMessage, render_batch
from campaigns.sandbox import LiquidPart, LiquidProgram, RenderFailure, render_many
from tests.campaigns.mails import LINKS, block, body_of, filled, from_blocks, from_html, recipient

SCRIPT = "<script>alert(1)</script>\"'&"
SAFE = "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;"


def test_a_value_is_escaped_in_html_and_plain_elsewhere() -> None:
    # BI147
    compiled = from_html(
        '<p title="{{ contact.first_name }}">{{ contact.first_name }}</p>',
        subject="{{ contact.first_name }}",
        text="{{ contact.first_name | escape }}",
    )
    message = filled(compiled, contact={"first_name": SCRIPT})
    assert body_of(message) == f'<p title="{SAFE}">{SAFE}</p>'
    assert message.text == SCRIPT
    assert message.subject == SCRIPT


@pytest.mark.parametrize("form", ["{{ a }}", "{% if true %}{{ a }}{% endif %}"])
@pytest.mark.parametrize(
    ("value", "href", "destinations"),
    [
        ("https://x.test/?a=1&b=2", "https://acme.test/c/TOKEN/0", ("https://x.test/?a=1&b=2",)),
        (' https://x.test/a b"', "https://acme.test/c/TOKEN/0", ('https://x.test/a%20b"',)),
        ("mailto:a@x.test", "mailto:a@x.test", ()),
        ("tel:+39", "tel:+39", ()),
        ("javascript:alert(1)", "#", ()),
        ("java\nscript:alert(1)", "#", ()),
        ("\x01javascript:alert(1)", "#", ()),
        ("file:///etc/passwd", "#", ()),
        ("data:text/html,x", "#", ()),
        ("", "", ()),
        (None, "", ()),
    ],
)
def test_an_address_from_a_value_is_only_ever_a_safe_one(
    form: str, value: str | None, href: str, destinations: tuple[str, ...]
) -> None:
    # BI147, BI153
    message = filled(from_html(f'<a href="{form}">x</a>'), a=value)
    assert body_of(message) == f'<a href="{href}">x</a>'
    assert message.destinations == destinations


@pytest.mark.parametrize("form", ["{{ a }}", "{% if true %}{{ a }}{% endif %}"])
def test_a_picture_comes_from_the_web_or_not_at_all(form: str) -> None:
    compiled = from_html(f'<img src="{form}" alt="">')
    assert (
        '<img src="https://x.test/a.png?b=1&amp;c=2"'
        in filled(compiled, a="https://x.test/a.png?b=1&c=2").html
    )
    assert '<img src="" alt="">' in filled(compiled, a="javascript:x").html


@pytest.mark.parametrize("form", ["{{ a }}", "{% if true %}{{ a }}{% endif %}"])
def test_a_value_in_a_style_is_a_word_and_no_more(form: str) -> None:
    compiled = from_html(f'<p style="color:{form}">x</p>')
    assert body_of(filled(compiled, a='red;background:url("https://evil.test")')) == (
        '<p style="color:redbackgroundurlhttpsevil.test">x</p>'
    )


def test_a_filled_in_link_to_our_own_pages_is_not_counted() -> None:
    message = filled(from_html('<a href="{{ a }}">x</a>'), a="https://acme.test/confirm/1")
    assert body_of(message) == '<a href="https://acme.test/confirm/1">x</a>'
    assert message.destinations == ()


def test_links_in_a_condition_are_the_same_links() -> None:
    compiled = from_html(
        '{% if vip %}<a href="https://x.test/vip">v {{ n }}</a>{% else %}'
        '<a href="{{ unsubscribe_url }}">u</a>{% endif %}<a href="https://x.test/all">a</a>'
    )
    assert compiled.links == ["https://x.test/vip", "https://x.test/all"]
    all_link = '<a href="https://acme.test/c/TOKEN/1">a</a>'
    assert body_of(filled(compiled, vip=True, n="<")) == (
        f'<a href="https://acme.test/c/TOKEN/0">v &lt;</a>{all_link}'
    )
    assert body_of(filled(compiled, vip=False)) == (
        f'<a href="https://acme.test/u/CONSENT">u</a>{all_link}'
    )


def test_our_own_addresses_can_stand_anywhere() -> None:
    compiled = from_html(
        '<a href="{{ view_url }}">{{ preferences_url }}</a>{% if true %}{{ unsubscribe_url }}'
        "{% endif %}"
    )
    assert body_of(filled(compiled)) == (
        '<a href="https://acme.test/v/TOKEN">https://acme.test/p/CONSENT</a>'
        "https://acme.test/u/CONSENT"
    )


def test_a_variable_lives_on_in_later_blocks_but_not_in_other_parts() -> None:
    compiled = from_blocks(
        block("html", html="{% assign name = contact.first_name | upcase %}{{ name }}"),
        block("html", html="{{ name }}-{{ contact.first_name }}"),
        subject="[{{ name }}]",
    )
    message = filled(compiled, contact={"first_name": "ada"})
    assert message.html.count("ADA") == 2
    assert "ADA-ada" in message.html
    assert message.subject == "[]"


def test_dashes_eat_white_space_and_comments_vanish() -> None:
    compiled = from_html(
        "<p>a {{- n -}} b {%- if n -%} c {%- endif %} d{% comment %}x{% endcomment %}</p>"
    )
    assert body_of(filled(compiled, n=1)) == "<p>a1bc d</p>"


def test_without_tracking_destinations_stay_and_no_pixel_is_there() -> None:
    compiled = from_html('<a href="https://x.test/?a=1&amp;b=2">x</a><a href="{{ a }}">y</a>')
    plain = LinkPatterns(LINKS.unsubscribe, LINKS.preferences, LINKS.view)
    (message,) = render_batch(compiled, [recipient(a="https://y.test/")], links=plain)
    assert isinstance(message, RenderedMessage)
    assert message.html.endswith(
        '<a href="https://x.test/?a=1&amp;b=2">x</a><a href="https://y.test/">y</a></body></html>'
    )
    assert message.destinations == ()


def test_a_row_that_cannot_be_filled_in_fails_alone() -> None:
    compiled = from_html("<p>{{ a | divided_by: b }}</p>")
    first, second, third = render_batch(
        compiled,
        [recipient(a=4, b=2), recipient(a=4, b=0), recipient(a=9, b=3)],
        links=LINKS,
    )
    assert isinstance(first, RenderedMessage)
    assert body_of(first) == "<p>2</p>"
    assert isinstance(second, RenderFailure)
    assert second.code == "template_liquid"
    assert isinstance(third, RenderedMessage)
    assert body_of(third) == "<p>3</p>"


def test_a_stored_template_renders_the_same() -> None:
    compiled = from_blocks(block("text", html="<p>{{ a }} {% if a %}b{% endif %}</p>"))
    again = CompiledTemplate.from_json(compiled.as_json())
    assert filled(again, a="x").html == filled(compiled, a="x").html


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**31), 2**31),
    st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), max_size=20),
    st.floats(allow_nan=False, allow_infinity=False),
)
CONTEXTS = st.fixed_dictionaries({"contact": st.dictionaries(st.sampled_from(["a", "b"]), SCALARS)})
SOURCES = st.tuples(
    st.sampled_from(["contact.a", "contact.b", "contact.a.c", "missing", "missing.x"]),
    st.lists(
        st.sampled_from(
            ['default: "you & me"', "default: ''", "upcase", "downcase", "capitalize", "strip"]
        ),
        max_size=3,
    ),
).map(lambda drawn: "{{ " + " | ".join([drawn[0], *drawn[1]]) + " }}")


@settings(max_examples=300)
@given(source=SOURCES, context=CONTEXTS)
def test_the_fast_way_agrees_with_liquid(source: str, context: dict) -> None:
    # given a simple output, which plain Python fills in
    compiled = from_html("<p>x</p>", text=f"[{source}]")
    assert compiled.liquid == []
    # then Liquid says the same
    slow = LiquidProgram((LiquidPart(f"[{source}]", False),))
    assert [[filled(compiled, **context).text]] == render_many(slow, [context])


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (0.0, "0.0"), (False, "x"), (None, "x"), ("", "x"), ([], "x"), (" ", " ")],
)
def test_a_default_stands_in_for_nothing_but_not_for_zero(value: object, shown: str) -> None:
    compiled = from_html("<p>x</p>", text="[{{ a | default: 'x' }}]")
    assert filled(compiled, a=value).text == f"[{shown}]"


def test_a_mail_without_logic_never_needs_the_sandbox() -> None:
    compiled = from_blocks(
        block("heading", text='{{ contact.first_name | default: "you" }}'), block("footer")
    )
    assert Program(compiled, LINKS).liquid is None
