"""So long after something was bought: each line on its day, at the hour where the person is."""

from datetime import UTC, datetime

import pytest

from contacts.models import Contact
from journeys.models import Enrolment, LiveEntry
from tests.commerce.entries.conftest import inside, journey, line, look, order, shelf
from tests.journeys.conftest import DAY, HOUR


def bought(number, who, at, *lines, now):
    order(number, who, at, *lines, now=now)


def test_six_years_after_at_nine_in_rome(now):
    # given a line of six years ago on Monday
    journey(now, "order_line_date", amount=6, unit="years", at="09:00")
    bought("o1", "ada", datetime(2020, 11, 23, 22, 30, tzinfo=UTC), now=now)
    bought("o2", "bob", datetime(2020, 11, 23, 23, 30, tzinfo=UTC), now=now)

    # when it is nine there; half past eleven in the evening was the next day in Rome
    nine = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert look(nine - HOUR) == 0
    assert look(nine) == 1
    assert look(nine + DAY) == 1

    # then the run is the line's
    run = Enrolment.objects.get(contact__first_name="Ada")
    sold = run.contact.order_lines.get()
    assert (run.key, run.started_at) == (str(sold.pk), nine)
    assert run.context == {
        "line_id": str(sold.pk),
        "order_id": str(sold.order_id),
        "number": "#o1",
        "placed_at": run.context["placed_at"],
        "product_id": str(sold.product_id),
        "name": "Loaf",
        "variant": "",
        "sku": "",
        "quantity": "1",
        "unit_price": "4.50",
        "total": "4.50",
        "value": "4.50",
        "url": "https://shop.example/loaf",
        "image_url": "",
        "category_ids": sorted([shelf("rye"), shelf("bread")]),
    }
    assert datetime.fromisoformat(run.context["placed_at"]) == sold.placed_at


@pytest.mark.parametrize(
    ("bought_on", "amount", "unit", "day"),
    [
        ("2026-11-20", 1, "days", "2026-11-21"),
        ("2026-08-31", 3, "months", "2026-11-30"),
        ("2026-08-31", 6, "months", "2027-02-28"),
        ("2024-02-29", 3, "years", "2027-02-28"),
        ("2024-02-29", 4, "years", "2028-02-29"),
    ],
)
def test_a_day_that_a_month_does_not_have_is_its_last(now, bought_on, amount, unit, day):
    journey(now, "order_line_date", amount=amount, unit=unit, at="09:00")
    bought("o1", "ada", datetime.fromisoformat(bought_on + "T10:00+00:00"), now=now)
    look(now + 800 * DAY)
    assert inside() == [("Ada", datetime.fromisoformat(day + "T08:00+00:00"))]


def test_bands_touch_and_do_not_overlap(now):
    # given two bands of cakes, and lines at their edges
    for low, high in (("10", "20"), ("20", "30")):
        journey(
            now,
            "order_line_date",
            amount=1,
            unit="days",
            at="09:00",
            category=shelf("cakes"),
            min_value=low,
            max_value=high,
        )
    for amount in ("9.999", "10", "19.999", "20", "29.999", "30"):
        bought(f"o{amount}", f"p{amount}", now, line("cake", amount), now=now)
    bought("bread", "bread", now, line("loaf", "15"), now=now)
    look(now + 3 * DAY)
    found = Enrolment.objects.order_by("started_at", "contact__email")
    by_journey = {}
    for journey_id, email in found.values_list("journey", "contact__email"):
        by_journey.setdefault(journey_id, []).append(email.partition("@")[0])
    assert sorted(by_journey.values()) == [["p10", "p19.999"], ["p20", "p29.999"]]


def test_a_shelf_holds_what_stands_below_it(now):
    journey(now, "order_line_date", amount=1, unit="days", at="09:00", category=shelf("bread"))
    bought("o1", "ada", now, line("loaf"), line("cake", "30"), now=now)
    assert look(now + 2 * DAY) == 1


def test_what_was_cancelled_is_not_bought(now):
    journey(now, "order_line_date", amount=1, unit="days", at="09:00")
    order("o1", "ada", now, now=now, cancelled_at=now)
    assert look(now + 2 * DAY) == 0


def test_the_backlog_once_then_each_day_those_whose_day_it_is(now):
    # given lines of six, seven and five and a half years ago
    years = {"six": 6 * 365 + 2, "seven": 7 * 365 + 2}
    for who, days in years.items():
        bought(who, who, now - days * DAY, now=now)
    bought("tomorrow", "tomorrow", datetime(2020, 11, 21, 10, tzinfo=UTC), now=now)
    bought("young", "young", now - 1000 * DAY, now=now)
    config = {"amount": 6, "unit": "years", "at": "09:00", "backlog": True}
    journey(now, "order_line_date", **config, settings={"re_entry": "always"})

    # when it is looked at now, again, tomorrow and the day after
    counts = [look(now, limit=1), look(now + HOUR, force=True)]
    counts += [look(now + DAY), look(now + 2 * DAY)]

    # then
    assert counts == [2, 0, 1, 0]
    assert inside() == [
        ("Seven", now),
        ("Six", now),
        ("Tomorrow", datetime(2026, 11, 21, 8, tzinfo=UTC)),
    ]


def test_who_moves_to_an_earlier_zone_is_let_in_late_not_never(now):
    # given Ada in New York, whose nine o'clock is fifteen UTC
    journey(now, "order_line_date", amount=1, unit="days", at="09:00")
    bought("o1", "ada", now, now=now)
    Contact.objects.update(timezone="America/New_York")
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert look(noon, force=True) == 0

    # when she is in Rome from then on, where nine has passed
    Contact.objects.update(timezone="Europe/Rome")
    assert look(noon + HOUR, force=True) == 1
    assert look(noon + DAY, force=True) == 0


def test_it_wakes_at_nine_in_each_zone_there_is(now):
    journey(now, "order_line_date", amount=1, unit="days", at="09:00")
    Contact.objects.create(email="tokyo@example.com", timezone="Asia/Tokyo")
    Contact.objects.create(email="nowhere@example.com", timezone="Mars/Olympus")
    dues, at = [], now
    for _look in range(3):
        look(at)
        at = LiveEntry.objects.get().due_at
        dues.append(at.isoformat()[:16])
    assert dues == ["2026-11-21T00:00", "2026-11-21T08:00", "2026-11-22T00:00"]
