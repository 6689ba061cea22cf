"""The editor of nested conditions: what each press does, and that nothing is lost on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.segments import as_q, describe, scope_at
from contacts.tree_editing import Editor, Group, read, read_text, respond, write

VIP = {"kind": "tag", "config": {"test": "has", "tag": "vip"}}
NEW = {"kind": "created", "config": {"test": "within", "days": 7}}
NESTED = {"all": [VIP, {"any": [NEW, {"not": VIP}]}]}
TYPED = {"condition-test": "has", "condition-tag": "vip"}


def press(tree, do, **posted):
    return respond(read(tree), {"do": do, **posted})


def keep(tree, how, place, **posted):
    opened = {"open_how": how, "open_place": place, "open_kind": "tag"}
    return press(tree, "keep", **opened, **TYPED, **posted)


@pytest.mark.parametrize(
    ("tree", "do", "expected"),
    [
        (NESTED, "join::any", {"any": NESTED["all"]}),
        (NESTED, "join:1:all", {"all": [VIP, {"all": [NEW, {"not": VIP}]}]}),
        (NESTED, "negate:0", {"all": [{"not": VIP}, NESTED["all"][1]]}),
        (NESTED, "negate:1.1", {"all": [VIP, {"any": [NEW, VIP]}]}),
        (NESTED, "negate:1", {"all": [VIP, {"not": {"any": [NEW, {"not": VIP}]}}]}),
        (NESTED, "negate:", {"not": NESTED}),
        (NESTED, "remove:0", {"all": [{"any": [NEW, {"not": VIP}]}]}),
        (NESTED, "remove:1.0", {"all": [VIP, {"any": [{"not": VIP}]}]}),
        (NESTED, "remove:1", VIP),
        (NESTED, "remove:", {}),
        ({"all": [VIP, {"any": [NEW]}]}, "remove:1.0", VIP),  # a group left empty goes
        (VIP, "remove:0", {}),
        ({"not": {"not": VIP}}, "cancel:", VIP),
        # what cannot be read changes nothing
        (NESTED, "", NESTED),
        (NESTED, "remove:7", NESTED),
        (NESTED, "remove:0.0", NESTED),
        (NESTED, "remove:x", NESTED),
        (NESTED, "join:0:any", NESTED),
        (NESTED, "explode:0", NESTED),
        (NESTED, "edit:1", NESTED),
        (NESTED, "add:", NESTED),
    ],
)
def test_what_a_press_does(tree, do, expected):
    editor = press(tree, do)
    assert editor.tree == expected
    assert editor.opening is None


def test_a_form_opens_and_its_condition_is_kept():
    opened = press(NESTED, "add:1", **{"kind-1": "tag"})
    assert opened.tree == NESTED
    assert (opened.opening.how, opened.opening.where) == ("add", "1")
    assert opened.shown.parts[1].opening is opened.opening
    kept = keep(NESTED, "add", "1", negated="1")
    assert kept.tree == {"all": [VIP, {"any": [NEW, {"not": VIP}, {"not": VIP}]}]}


def test_a_condition_starts_a_group_that_is_joined_the_other_way():
    assert keep(NEW, "group", "").tree == {"all": [NEW, {"any": [VIP]}]}
    inner = keep(NESTED, "group", "1").tree["all"][1]
    assert inner == {"any": [NEW, {"not": VIP}, {"all": [VIP]}]}


def test_a_condition_is_changed_in_its_place():
    opened = press(NESTED, "edit:1.1").opening
    assert opened.negated
    assert opened.form.initial == VIP["config"]
    assert keep(NESTED, "edit", "1.0").tree == {"all": [VIP, {"any": [VIP, {"not": VIP}]}]}


@pytest.mark.parametrize(("how", "place"), [("edit", "1"), ("add", "0"), ("add", "9"), ("x", "")])
def test_a_form_for_a_place_that_is_not_there_is_closed(how, place):
    editor = keep(NESTED, how, place)
    assert (editor.tree, editor.opening) == (NESTED, None)


def test_a_refused_form_stays_open():
    posted = {"open_how": "add", "open_place": "", "open_kind": "tag", "condition-test": "has"}
    editor = press(NESTED, "keep", **posted)
    assert editor.tree == NESTED
    assert editor.opening.form.errors == {"tag": ["This field is required."]}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", "NaN", '"x"', "[" * 50_000, '{"not":' * 300 + "{}" + "}" * 300]
)
def test_nonsense_instead_of_a_tree_is_an_empty_one(text):
    assert read_text(text) == Group()


def test_what_was_cleaned_away_since_is_still_shown():
    stale = {"all": [VIP, {"kind": "astrology", "config": {"sign": "leo"}}, {"kind": "tag"}, 7]}
    editor = Editor(read(stale))
    assert [part.words for part in editor.shown.parts][1:3] == [
        "People with a condition that is not available any more",
        "tag",
    ]
    assert editor.tree["all"][:2] == stale["all"][:2]


leaves = st.sampled_from([VIP, NEW])
trees = st.recursive(
    leaves,
    lambda inner: (
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda tree: {"not": tree}, inner)
    ),
    max_leaves=8,
)


@given(trees)
def test_reading_and_writing_changes_no_meaning(tree):
    written = write(read(tree))
    assert holds(written, {"vip"}) == holds(tree, {"vip"})
    assert holds(written, {"new"}) == holds(tree, {"new"})
    assert holds(written, set()) == holds(tree, set())
    assert write(read(written)) == written
    assert describe(written)


def holds(tree, facts):
    """The tree judged in plain Python; too deep ones are not read at all."""
    if "all" in tree:
        return all(holds(each, facts) for each in tree["all"])
    if "any" in tree:
        return any(holds(each, facts) for each in tree["any"])
    if "not" in tree:
        return not holds(tree["not"], facts)
    return {"tag": "vip", "created": "new"}[tree["kind"]] in facts


def test_the_empty_editor_is_everybody(now):
    assert Editor(Group()).tree == {}
    assert not as_q(Editor(Group()).tree, scope_at(now))
