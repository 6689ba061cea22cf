"""Conditions over purchases: who is in, by the moment asked for, and in which words."""

from datetime import timedelta
from decimal import Decimal

import pytest

from commerce.ingest import take_categories, take_orders, take_products
from commerce.models import Category, Product
from commerce.shapes import Buyer, OrderNews
from contacts.models import Contact
from contacts.rows import ContactRow
from contacts.segments import clean_config, describe, in_segment, scope_at
from tests.commerce.conftest import buyer, category, line, product


@pytest.fixture
def shoppers(order, now, contact):
    """Ada: 3 orders of 10, 20 and 70. Bo: one of 50, part refunded. Cy: cancelled. Di: nothing."""
    take_categories(
        items=[category("food"), category("bread", "food"), category("tools")], source="shop",
        now=now,
    )  # fmt: skip
    take_products(
        items=[
            product("rye", category_external_ids=("bread",)),
            product("knife", category_external_ids=("tools",), name="Knife", sku="K-1"),
        ],
        source="shop",
        now=now,
    )  # fmt: skip
    contact("di@example.com")
    rye, knife = line(product="rye", total="10"), line("Knife", "70", "knife")
    take_orders(
        items=[
            order("a1", days=100, total="10", lines=(rye,)),
            order("a2", days=40, total="20", lines=(rye, rye)),
            order("a3", days=5, total="70", lines=(knife,)),
            order("b1", days=30, total="50", lines=(line("Old", "50"),), refunded=Decimal(20),
                  buyer=Buyer(ContactRow(email="bo@example.com"), is_business=True)),
            order("c1", days=3, total="99", lines=(knife,), buyer=buyer("cy@example.com")),
            OrderNews("c1", cancelled_at=now),
        ],
        source="shop",
        now=now,
    )  # fmt: skip


def who(kind, config, now):
    cleaned, problems = clean_config(kind, config)
    assert problems == []
    found = in_segment({"kind": kind, "config": cleaned}, scope_at(now))
    return " ".join(sorted(email[:2] for email in found.values_list("email", flat=True)))


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"times_at_least": 1}, "ad bo"),
        ({"times_at_least": 3}, "ad"),
        ({"times_at_least": 4}, ""),
        ({"times_at_most": 0}, "cy di"),
        ({"times_at_most": 1}, "bo cy di"),
        ({"times_at_least": 1, "times_at_most": 2}, "bo"),
        ({"within_days": 30}, "ad"),
        ({"within_days": 31}, "ad bo"),
        ({"older_than_days": 30}, "ad bo"),
        ({"older_than_days": 31}, "ad"),
        ({"older_than_days": 30, "within_days": 40}, "bo"),
        ({"older_than_days": 30, "within_days": 41}, "ad bo"),
        ({"times_at_least": 2, "within_days": 41}, "ad"),
        ({"times_at_least": 2, "within_days": 40}, ""),
        ({"category": "food"}, "ad"),
        ({"category": "food", "times_at_least": 2}, "ad"),
        ({"category": "food", "times_at_least": 3}, ""),
        ({"category": "food", "within_days": 30}, ""),
        ({"category": "food", "times_at_most": 0}, "bo cy di"),
        ({"category": "tools"}, "ad"),
        ({"product": "Rye loaf", "times_at_least": 2}, "ad"),
        ({"product": "k-1"}, "ad"),
        ({"min_line_value": "50"}, "ad bo"),
        ({"min_line_value": "50", "max_line_value": "70"}, "bo"),
        ({"min_line_value": "50", "max_line_value": "70.01"}, "ad bo"),
    ],
)
def test_ordered(shoppers, now, config, expected):
    if "category" in config:
        config["category"] = str(Category.objects.get(external_id=config["category"]).pk)
    assert who("ordered", config, now) == expected


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"at_least": "100"}, "ad"),
        ({"at_least": "100.01"}, ""),
        ({"at_least": "30", "below": "100"}, "bo"),
        ({"at_least": "30", "below": "100.01"}, "ad bo"),
        ({"below": "30"}, "cy di"),
        ({"below": "30.01"}, "bo cy di"),
        ({"at_least": "0"}, "ad bo cy di"),
        ({"at_least": "90", "within_days": 41}, "ad"),
        ({"at_least": "90", "within_days": 40}, ""),
        ({"below": "0"}, ""),
    ],
)
def test_spend(shoppers, now, config, expected):
    assert who("spend", config, now) == expected


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"more_than_days": 5}, "ad bo"),
        ({"more_than_days": 6}, "bo"),
        ({"more_than_days": 31}, ""),
        ({"less_than_days": 30}, "ad"),
        ({"less_than_days": 31}, "ad bo"),
        ({"more_than_days": 5, "less_than_days": 30}, "ad"),
    ],
)
def test_last_order(shoppers, now, config, expected):
    assert who("last_order", config, now) == expected


def test_who_has_not_ordered_yet(shoppers, now):
    assert who("first_time_buyer", {}, now) == "cy di"


def test_customer_type(shoppers, now):
    assert who("customer_type", {"type": "business"}, now) == "bo"
    assert who("customer_type", {"type": "private"}, now) == "ad cy di"


def test_only_what_had_happened_by_then_counts(shoppers, now):
    # on a day when Ada had ordered twice, the last time 3 days before, and Bo not yet
    then = now - timedelta(days=37)
    assert who("ordered", {"times_at_least": 2}, then) == "ad"
    assert who("ordered", {"times_at_least": 3}, then) == ""
    assert who("ordered", {"product": "Knife"}, then) == ""
    assert who("spend", {"at_least": "30"}, then) == "ad"
    assert who("spend", {"at_least": "30.01"}, then) == ""
    assert who("last_order", {"more_than_days": 3, "less_than_days": 4}, then) == "ad"
    assert who("last_order", {"less_than_days": 3}, then) == ""
    assert who("first_time_buyer", {}, then) == "bo cy di"


@pytest.mark.parametrize(
    ("kind", "config", "words"),
    [
        ("ordered", {"times_at_least": 2, "within_days": 30},
         "People who ordered at least 2 times in the last 30 days"),
        ("ordered", {"times_at_most": 0, "category": "bread"},
         "People who never ordered in the category “Food › Bread”"),
        ("ordered", {"product": "Knife", "min_line_value": "5", "max_line_value": "9.50"},
         "People who ordered the product “Knife” for at least 5 and less than 9.50"),
        ("spend", {"at_least": "50", "below": "100"},
         "People who spent at least 50 and less than 100"),
        ("last_order", {"more_than_days": 90}, "People whose last order was 90 days ago or more"),
    ],
)  # fmt: skip
def test_words(shoppers, kind, config, words):
    if "category" in config:
        config["category"] = str(Category.objects.get(external_id=config["category"]).pk)
    cleaned, problems = clean_config(kind, config)
    assert problems == []
    assert describe({"kind": kind, "config": cleaned}) == words


@pytest.mark.parametrize(
    ("kind", "config", "field"),
    [
        ("ordered", {"times_at_least": 3, "times_at_most": 2}, "times_at_most"),
        ("ordered", {"product": "Nothing of ours"}, "product"),
        ("ordered", {"category": "00000000-0000-0000-0000-000000000000"}, "category"),
        ("spend", {"at_least": "5", "below": "5"}, "below"),
        ("spend", {"within_days": 5}, "__all__"),
        ("last_order", {"more_than_days": 9, "less_than_days": 9}, "less_than_days"),
    ],
)
def test_what_makes_no_sense_is_refused(shoppers, kind, config, field):
    _config, problems = clean_config(kind, config)
    assert [problem.field for problem in problems] == [field]


def test_a_deleted_product_holds_nobody_and_is_told_so(shoppers, now):
    config, _problems = clean_config("ordered", {"product": "Knife"})
    Product.objects.get(name="Knife").delete()
    tree = {"kind": "ordered", "config": config}
    assert describe(tree) == "People who ordered the product “deleted product”"
    assert not in_segment(tree, scope_at(now)).exists()
    assert Contact.objects.count() == 4
