"""Forms are no weapon: who is counted, and what a flood achieves."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction

from capture.limits import POSTS_OF_FORM, POSTS_OF_IP, mailbox
from capture.models import SignupForm, Submission
from capture.services.signup import Visitor, submit_form
from contacts.models import Contact
from core.rate_limits import TABLE, Limit, forget_past, take
from events.models import Event
from tenants.provisioning import create_workspace

TWICE = Limit("test", most=2, window=timedelta(hours=1))


def test_a_limit_lets_its_number_through_and_no_more(db: None, now: Any) -> None:
    assert [take(limit=TWICE, subject="a", now=now) for _ in range(4)] == [
        True,
        True,
        False,
        False,
    ]
    # others have their own count
    assert take(limit=TWICE, subject="b", now=now)
    assert take(limit=Limit("other", 2, TWICE.window), subject="a", now=now)


def test_a_limit_begins_anew_when_its_window_is_over(db: None, now: Any) -> None:
    for _ in range(3):
        take(limit=TWICE, subject="a", now=now)
    assert not take(limit=TWICE, subject="a", now=now + timedelta(minutes=59))
    later = now + timedelta(hours=1)
    assert [take(limit=TWICE, subject="a", now=later) for _ in range(3)] == [True, True, False]


def test_a_count_goes_back_with_its_transaction(db: None, now: Any) -> None:
    with transaction.atomic():
        take(limit=TWICE, subject="a", now=now)
        transaction.set_rollback(True)
    assert [take(limit=TWICE, subject="a", now=now) for _ in range(3)] == [True, True, False]


def test_past_counts_are_forgotten_and_no_subject_is_readable(db: None, now: Any) -> None:
    take(limit=TWICE, subject="ada@example.com", now=now)
    take(limit=TWICE, subject="bob@example.com", now=now + timedelta(minutes=1))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT string_agg(key, ' ') FROM {TABLE}")
        assert "example" not in cursor.fetchone()[0]
    assert forget_past(now=now + timedelta(hours=1)) == 1
    assert forget_past(now=now + timedelta(hours=2)) == 1


@pytest.mark.parametrize(
    ("address", "box"),
    [
        ("ada@example.com", "ada@example.com"),
        ("Ada+shop@Example.com", "ada@example.com"),
        ("+ada@example.com", "+ada@example.com"),
    ],
)
def test_one_mailbox_is_counted_once(address: str, box: str) -> None:
    assert mailbox(address) == box


def test_a_second_sign_up_on_one_day_sends_no_second_mail(
    fill_in: Any, newsletter: SignupForm, now: Any
) -> None:
    # when the same address is typed in twice
    first = fill_in(newsletter, email="ada@example.com")
    second = fill_in(newsletter, email="ADA@example.com")
    # then the answer is the same, and one mail goes out
    assert (first.status_code, first.url) == (second.status_code, second.url)
    assert Submission.objects.count() == 1
    assert Event.objects.filter(type="consent.requested").count() == 1


def test_p24_a_thousand_posts_of_one_address_are_one_mail_per_workspace(
    acme: Any, globex: Any, newsletter: SignupForm, now: Any
) -> None:
    """P24"""
    # given two workspaces with twenty-five forms each
    asked: dict[str, int] = {}
    for workspace in (acme, globex):
        connection.set_tenant(workspace)
        form = SignupForm.objects.select_related("wording").get(slug="newsletter")
        forms = [form]
        for number in range(24):
            forms.append(
                SignupForm.objects.create(
                    slug=f"f{number}",
                    name="F",
                    title="F",
                    button="F",
                    wording=form.wording,
                )
            )
        # when one address is posted 500 times to each workspace, from 100 origins
        for number in range(500):
            visitor = Visitor(email="victim@example.com", ip=f"198.51.100.{number % 100}")
            submit_form(form=forms[number % 25], visitor=visitor, wording=form.wording, now=now)
        asked[workspace.slug] = Event.objects.filter(type="consent.requested").count()
    # then each workspace has asked once
    assert asked == {"acme": 1, "globex": 1}


def test_p24_three_mails_in_all_however_many_workspaces(
    acme: Any, owner: Any, newsletter: SignupForm, now: Any
) -> None:
    # given five workspaces
    slugs = ["one-shop", "two-shop", "three-shop"]
    workspaces = [acme]
    for slug in slugs:
        connection.set_schema_to_public()
        workspaces.append(create_workspace(name=slug, slug=slug, owner=owner, now=now))
    # when one mailbox is signed up in each, under other spellings too
    asked = 0
    for number, workspace in enumerate(workspaces):
        connection.set_tenant(workspace)
        form = SignupForm.objects.select_related("wording").get()
        visitor = Visitor(email=f"victim+{number}@example.com")
        submit_form(form=form, visitor=visitor, wording=form.wording, now=now)
        asked += Event.objects.filter(type="consent.requested").count()
    # then three mails go out, and the fourth workspace has stored nothing
    assert asked == 3
    assert not Submission.objects.exists()
    assert not Contact.objects.exists()
    # and a day later it may ask
    submit_form(form=form, visitor=visitor, wording=form.wording, now=now + timedelta(days=1))
    assert Submission.objects.count() == 1


def exhaust(limit: Limit, subject: str, now: Any) -> None:
    for _ in range(limit.most):
        assert take(limit=limit, subject=subject, now=now)


def test_a_flood_from_one_place_is_turned_away(
    fill_in: Any, newsletter: SignupForm, now: Any
) -> None:
    # given a place that has used its hour up
    exhaust(POSTS_OF_IP, "w_acme 127.0.0.1", now)
    # when it sends once more, under a forged address
    response = fill_in(newsletter, email="ada@example.com", headers={"x-forwarded-for": "1.2.3.4"})
    # then it is told when to come back, and nothing is stored (BI225)
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "3600"
    assert "Too many at once" in response.content.decode()
    assert not Submission.objects.exists()
    # and an hour later all is well
    with time_machine.travel(now + timedelta(hours=1), tick=False):
        assert fill_in(newsletter, email="ada@example.com").status_code == 302


def test_behind_a_trusted_proxy_visitors_are_told_apart(
    fill_in: Any, newsletter: SignupForm, now: Any, settings: Any
) -> None:
    settings.TRUSTED_PROXIES = 1
    exhaust(POSTS_OF_IP, "w_acme 203.0.113.9", now)
    flooder = {"x-forwarded-for": "1.2.3.4, 203.0.113.9"}
    other = {"x-forwarded-for": "203.0.113.9, 203.0.113.10"}
    assert fill_in(newsletter, email="a@example.com", headers=flooder).status_code == 429
    assert fill_in(newsletter, email="b@example.com", headers=other).status_code == 302
    assert Submission.objects.get().ip == "203.0.113.10"


def test_a_flood_on_one_form_leaves_the_others_open(
    fill_in: Any, newsletter: SignupForm, now: Any
) -> None:
    other = SignupForm.objects.create(
        slug="other", name="O", title="O", button="O", wording=newsletter.wording
    )
    exhaust(POSTS_OF_FORM, f"w_acme {newsletter.pk}", now)
    assert fill_in(newsletter, email="ada@example.com").status_code == 429
    assert fill_in(other, email="ada@example.com").status_code == 302


def test_every_case_of_bad_forms_has_its_test() -> None:
    here = Path(__file__).parent
    cases = (here.parent / "cases" / "bad_inputs_forms.jsonl").read_text().splitlines()
    tests = "".join(path.read_text() for path in here.glob("test_*.py"))
    ids = [json.loads(case)["id"] for case in cases]
    assert len(ids) == 9
    assert [each for each in ids if each not in tests] == []
