"""The sandbox: what Liquid may do, and that a bomb ends in time and hurts no other row."""

import multiprocessing
import os
import time

import pytest

from campaigns.sandbox import (
    LiquidPart,
    LiquidProgram,
    RenderFailure,
    check,
    render_many,
)


def program(source: str, *, escapes: bool = True) -> LiquidProgram:
    return LiquidProgram((LiquidPart(source, escapes),))


def render(source: str, context: dict | None = None, *, escapes: bool = True) -> str:
    (result,) = render_many(program(source, escapes=escapes), [context or {}])
    assert isinstance(result, list), result
    return result[0]


def test_rows_come_back_in_order_with_a_text_per_part() -> None:
    two = LiquidProgram((LiquidPart("a{{ n }}", True), LiquidPart("b{{ t }}", False)))
    assert render_many(two, [{"n": 1, "t": "<"}, {"n": 2, "t": "&"}]) == [
        ["a1", "b<"],
        ["a2", "b&"],
    ]


def test_values_are_escaped_in_html_and_left_alone_in_text() -> None:
    context = {"contact": {"first_name": "<script>\"'&"}}
    assert render("{{ contact.first_name }}", context) == "&lt;script&gt;&#34;&#39;&amp;"
    assert render("{{ contact.first_name | escape }}", context, escapes=False) == "<script>\"'&"


def test_control_characters_in_values_are_dropped() -> None:
    assert render("{{ a }}{{ b[0].c }}", {"a": "x\x02y", "b": [{"c": "\x1e\nz"}]}) == "xy\nz"


BOMBS = {
    "BI139": "{% assign a = 'aaaaaaaa' %}" + "{% assign a = a | append: a %}" * 40,
    "BI140": (
        "{{ '"
        + "a" * 5000
        + "' | replace: 'a', '"
        + "b" * 5000
        + "' | replace: 'b', '"
        + "c" * 5000
        + "' }}"
    ),
    "BI141": '{{ (1..30000000) | join: "," }}',
    "loops": "{% for a in (1..9999) %}{% for b in (1..9999) %}{% for c in (1..9999) %}x"
    "{% endfor %}{% endfor %}{% endfor %}",
}


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_a_bomb_is_stopped_and_fails_only_its_own_row(name: str) -> None:
    # given a template that explodes for one contact alone
    source = "{% if boom %}" + BOMBS[name] + "{% endif %}ok {{ n }}"
    contexts = [{"n": 1}, {"n": 2, "boom": True}, {"n": 3}]
    render_many(program("warm"), [{}])
    began = time.monotonic()
    # when the three are rendered
    first, second, third = render_many(program(source), contexts)
    # then it was stopped in time (the start of a new child included) and the others have theirs
    assert time.monotonic() - began < 8
    assert (first, third) == (["ok 1"], ["ok 3"])
    assert isinstance(second, RenderFailure)
    assert second.code in ("template_memory", "template_too_large", "template_too_slow")
    assert second.message.endswith(".")


def test_a_template_that_always_explodes_is_given_up_after_three_rows() -> None:
    began = time.monotonic()
    results = render_many(program(BOMBS["BI141"]), [{}] * 1000)
    assert time.monotonic() - began < 20
    assert {result.code for result in results[:3]} <= {"template_memory", "template_too_slow"}
    assert {result.code for result in results[3:]} == {"template_gave_up"}
    assert len(results) == 1000


def test_nothing_of_the_process_can_be_reached() -> None:
    # BI144, BI145
    os.environ["CANARY"] = "secret-canary"
    source = "[{{ contact.__class__ }}{{ settings.SECRET_KEY }}{{ request.user }}{{ env }}]"
    assert render(source, {"contact": {"first_name": "Ada"}}) == "[]"


def test_a_date_format_cannot_explode_and_text_stays_text() -> None:
    # BI156
    began = time.monotonic()
    assert render('{{ d | date: "%100000000d" }}', {"d": "1990-05-01"}) == "1990-05-01"
    assert render('{{ d | date: "%d/%m" }}', {"d": "soon"}) == "soon"
    assert render('{{ d | date: "%d/%m" }}', {"d": "1990-05-01"}) == "01/05"
    assert render('{{ d | date: "%d" }}', {"d": "9" * 400}) == "9" * 400
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("source", "code", "detail", "line"),
    [
        ("a\n{{ name | nofilter }}", "unknown_filter", "nofilter", 2),
        ('{{ "HOME" | env }}', "unknown_filter", "env", 1),
        ("{{ name | safe }}", "unknown_filter", "safe", 1),
        ("\n\n{% nope %}", "syntax", "unexpected tag 'nope'", 3),
        ("{% include 'x' %}", "syntax", "unexpected tag 'include'", 1),
        ('{% render "../../etc/passwd" %}', "syntax", "unexpected tag 'render'", 1),
        ("{{ a b }}", "syntax", "expected end of expression, found word", 1),
        ("{% if x %}" * 40 + "{% endif %}" * 40, "syntax", "block nesting limit reached", 1),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    source: str, code: str, detail: str, line: int
) -> None:
    (problem,) = check([source])
    assert problem is not None
    assert (problem.code, problem.detail, problem.line) == (code, detail, line)


def test_sources_are_checked_one_by_one() -> None:
    assert [problem is None for problem in check(["{{ a }}", "{% x %}", "{{ b | upcase }}"])] == [
        True,
        False,
        True,
    ]


def _render_in_fork(queue: multiprocessing.SimpleQueue) -> None:
    queue.put(render_many(program("{{ n }}"), [{"n": number} for number in range(50)]))


def test_a_forked_worker_has_children_of_its_own() -> None:
    # given a parent with an idle child
    assert render("{{ n }}", {"n": 1}) == "1"
    fork = multiprocessing.get_context("fork")
    queue = fork.SimpleQueue()
    # when a daemonic process, as Celery's are, renders at the same time
    process = fork.Process(target=_render_in_fork, args=(queue,), daemon=True)
    process.start()
    mine = render_many(program("{{ n }}"), [{"n": -number} for number in range(50)])
    theirs = queue.get()
    process.join(10)
    # then nobody got the other's rows
    assert mine == [[str(-number)] for number in range(50)]
    assert theirs == [[str(number)] for number in range(50)]
