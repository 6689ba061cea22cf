"""Compiling: what is refused with which words, what becomes of links, what survives storage."""

import json
from pathlib import Path
from typing import Any

import pytest

from campaigns.compile import CompiledTemplate, TemplateError, compile_template
from campaigns.sandbox import check
from tests.campaigns.mails import ACME, block, body_of, filled, from_blocks, from_html

CASES = {
    case["id"]: case
    for line in (Path(__file__).parents[1] / "cases" / "template.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
    for case in [json.loads(line)]
}


def refusal(**mail: Any) -> TemplateError:
    with pytest.raises(TemplateError) as refused:
        compile_template(**{"subject": "Hello", "brand": ACME, **mail})
    return refused.value


# BI139 to BI141 explode only when filled in, see test_sandbox; BI147 is in test_render.
REFUSED = {
    "BI135": ("{{ name | nofilter }}", "unknown_filter", "nofilter"),
    "BI142": ('{% include "x" %}', "template_not_found", "no other template"),
    "BI143": ('{% render "../../etc/passwd" %}', "template_not_found", "no other template"),
    "BI145": ('{{ "HOME" | env }}', "unknown_filter", "env"),
}


@pytest.mark.parametrize("case_id", sorted(REFUSED))
def test_liquid_that_reaches_outside_is_refused_at_save(case_id: str) -> None:
    source, code, words = REFUSED[case_id]
    assert source in CASES[case_id]["input"]
    error = refusal(html=f"<p>one</p>\n<p>{source}</p>")
    assert (error.code, error.where, error.line) == (code, "html", 2)
    assert words in error.message


def test_what_the_sandbox_must_stop_can_be_saved() -> None:
    assert check([CASES["BI141"]["input"]]) == [None]
    from_html(f"<p>{CASES['BI141']['input']}</p>")


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("{{ name", "liquid_unclosed"),
        ("{% if x", "liquid_unclosed"),
        ("{% if x %}", "liquid_syntax"),
        ("{% endif %}", "unknown_tag"),
        ("{% nope %}", "unknown_tag"),
        ("{{ a b }}", "liquid_syntax"),
        ("{% if a %}" * 40 + "{% endif %}" * 40, "liquid_syntax"),
        ("<td {% if a %}class='x'{% endif %}>y</td>", "liquid_misplaced"),
        ("<a href='{% if a %}x'>y</a>{% endif %}", "liquid_in_attribute"),
        ("x" * 300_001, "template_too_long"),
    ],
)
def test_broken_liquid_is_refused_with_a_code_and_a_sentence(source: str, code: str) -> None:
    error = refusal(html=source)
    assert error.code == code
    assert error.message[-1] in ".?"


def test_the_field_of_a_block_is_named() -> None:
    error = refusal(
        body=[
            block("heading", text="Fine"),
            block("text", html="<p>one</p>\n\n<p>{{ name | shout }}</p>"),
            block("button", label="Go", href="javascript:alert(1)"),
            block("nothing"),
        ]
    )
    assert [(problem.field, problem.code) for problem in error.problems] == [
        ("block 3 (button): href", "bad_link"),
        ("block 4 (nothing)", "unknown_block"),
        ("block 2 (text): html", "unknown_filter"),
    ]


@pytest.mark.parametrize(
    ("subject", "code"), [(" ", "subject_empty"), ("x" * 256, "subject_too_long")]
)
def test_the_subject_is_looked_at(subject: str, code: str) -> None:
    assert refusal(subject=subject, html="<p>x</p>").code == code


def test_a_template_survives_storage_as_json() -> None:
    compiled = from_blocks(
        block("text", html="<p>{% if a %}<a href='https://x.test'>x</a>{% endif %}{{ b }}</p>"),
        block("footer"),
        subject="Hi {{ contact.first_name }}",
    )
    assert CompiledTemplate.from_json(json.loads(json.dumps(compiled.as_json()))) == compiled


def test_fields_are_listed_for_the_checks_before_sending() -> None:
    compiled = from_html("<p>{{ contact.city | default: 'x' }}</p>", subject="{{ cart.total }}")
    assert compiled.fields == ["cart.total", "contact.city"]


def test_web_links_are_tracked_byte_for_byte_and_others_left_alone() -> None:
    # BI154
    compiled = from_html(
        '<a href="https://x.test/?q=a&amp;b=1&copy=2#frag">1</a>'
        "<a href='HTTP://X.test/%7Ea%2f?é=1'>2</a>"
        '<a href="mailto:a@x.test?subject=Hi%20there">3</a><a href="tel:+39011">4</a>'
        '<a href="#anchor">5</a><a href="">6</a><a href="https://x.test/{{ contact.id }}">7</a>'
    )
    assert compiled.links == ["https://x.test/?q=a&b=1&copy=2#frag", "HTTP://X.test/%7Ea%2f?é=1"]
    message = filled(compiled, contact={"id": 7})
    assert body_of(message) == (
        '<a href="https://acme.test/c/TOKEN/0">1</a><a href="https://acme.test/c/TOKEN/1">2</a>'
        '<a href="mailto:a@x.test?subject=Hi%20there">3</a><a href="tel:+39011">4</a>'
        '<a href="#anchor">5</a><a href="">6</a><a href="https://acme.test/c/TOKEN/2">7</a>'
    )
    assert message.destinations == ("https://x.test/7",)


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "file:///etc/passwd"],
)
def test_a_dangerous_link_is_dropped_with_a_warning(address: str) -> None:
    # BI153
    for compiled in (
        from_html(f'<a href="{address}">x</a>'),
        from_blocks(block("text", html=f'<p><a href="{address}">x</a></p>')),
    ):
        assert compiled.links == []
        assert "link_dropped" in [warning.code for warning in compiled.warnings]
        assert address.partition(":")[0] not in "".join(compiled.html.literals)


HOSTILE = (
    "<script>alert(1)</script><p onclick='x()'>a</p><iframe src='https://x.test'></iframe>"
    "<form action='https://x.test'><input name='a'></form><meta http-equiv='refresh' content='0'>"
    "<svg><script>alert(1)</script></svg><img src='x' onerror='alert(1)'><object></object>"
    "<p style='background:url(javascript:x)'>b</p><base href='https://evil.test'>"
)


def test_hand_written_html_keeps_nothing_that_runs() -> None:
    # BI150
    for compiled in (from_html(HOSTILE), from_blocks(block("html", html=HOSTILE))):
        html = filled(compiled).html.lower()
        for word in ("<script", "onclick", "onerror", "<iframe", "<form", "<input", "refresh"):
            assert word not in html
        for word in ("<svg", "<object", "<base", "javascript", "alert"):
            assert word not in html


def test_a_loop_over_table_rows_stays_inside_its_table() -> None:
    compiled = from_html(
        "<table>{% for item in cart %}<tr><td>{{ item.name }}</td>"
        '<td><a href="{{ item.url }}">see</a></td></tr>{% endfor %}</table>'
    )
    message = filled(
        compiled,
        cart=[
            {"name": "A & B", "url": "https://x.test/?a=1&b=2"},
            {"name": "C", "url": "javascript:alert(1)"},
        ],
    )
    assert body_of(message) == (
        '<table><tbody><tr><td>A &amp; B</td><td><a href="https://acme.test/c/TOKEN/0">see</a></td>'
        '</tr><tr><td>C</td><td><a href="#">see</a></td></tr></tbody></table>'
    )
    assert message.destinations == ("https://x.test/?a=1&b=2",)


def test_a_whole_document_keeps_its_style_sheet() -> None:
    compiled = from_html(
        "<!doctype html><html><head><title>T</title><style>@import 'https://evil.test';"
        ".a{color:{{ brand.colour }}}</style></head><body style='margin:0'><p class='a'>Hi</p>"
        "<!--[if mso]><p>Outlook</p><![endif]--></body></html>"
    )
    html = filled(compiled, brand={"colour": "#fff;}</style><script>"}).html
    assert '<style type="text/css">.a{color:#fffstylescript}</style>' in html
    assert (
        '<div style="margin:0"><p class="a">Hi</p><!--[if mso]><p>Outlook</p><![endif]-->' in html
    )
    assert "<title>Acme &amp; Co</title>" in html


def test_plain_text_comes_from_the_blocks() -> None:
    compiled = from_blocks(
        block("heading", text="Hi {{ contact.first_name }}"),
        block("text", html="<p>One <a href='https://x.test/a'>two</a></p><ul><li>x</li></ul>"),
        block("image", src="https://x.test/a.png", alt="A cake"),
        block("divider"),
        block("space"),
        block("button", label="Shop", href="x.test/shop"),
        block("footer", reason="You asked for it."),
    )
    assert filled(compiled, contact={"first_name": "Ada"}).text == (
        "Hi Ada\n\n"
        "One two (https://acme.test/c/TOKEN/0)\n\n* x\n\n[A cake]\n\n"
        "----------------------------------------\n\nShop: https://acme.test/c/TOKEN/1\n\n-- \n"
        "You asked for it.\nAcme & Co · Via Roma 1, Torino\n"
        "Unsubscribe: https://acme.test/u/CONSENT\n"
        "Preferences: https://acme.test/p/CONSENT\n"
        "View in the browser: https://acme.test/v/TOKEN"
    )


def test_an_owners_own_text_is_used_with_its_links() -> None:
    compiled = from_html(
        "<p><a href='https://x.test/a'>a</a></p>", text="See https://x.test/a, or call.\n{{ n }}"
    )
    assert filled(compiled, n=1).text == "See https://acme.test/c/TOKEN/0, or call.\n1"


def test_a_large_mail_and_a_missing_unsubscribe_link_are_warned_about() -> None:
    compiled = from_html(f"<p>{'x' * 105_000}</p>")
    assert [warning.code for warning in compiled.warnings] == ["gmail_clips", "no_unsubscribe"]
    assert "102 KB" in compiled.warnings[0].message
    assert from_blocks(block("footer")).warnings == []


def test_no_font_or_icon_comes_from_elsewhere() -> None:
    compiled = from_blocks(block("heading", text="x"), block("button", label="y", href="x.test"))
    html = filled(compiled).html
    assert "fonts.googleapis" not in html
    assert "mailjet" not in html


def test_odd_characters_reach_the_mail_unharmed() -> None:
    odd = 'back\\slash ⟦L0⟧ 🧑‍🍳 e\u0301 \u00a0 it\'s "q" & <b>'
    compiled = from_blocks(
        block("heading", text=odd), block("image", src="https://x.test/a.png", alt=odd)
    )
    from html import escape

    html = filled(compiled).html
    assert f">{escape(odd)}</h1>" in html
    assert f'alt="{escape(odd, quote=True)}"'.replace("&#x27;", "'") in html.replace("&#x27;", "'")
