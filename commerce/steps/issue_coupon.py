"""A code for everybody who may have one, for later mails to name as `coupon`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.coupons.codes import Wanted, issue_codes, reserve
from commerce.coupons.fields import CouponField, coupon_named
from commerce.coupons.ready import made
from commerce.models import Coupon
from core.errors import Problem
from journeys.contracts import Branch, Config, Next, Outcome, Step, StepBatch, Words, steps

GOT, NONE = 0, 1


class IssueCouponForm(forms.Form):
    """Which coupon, and whether those who get none go another way."""

    coupon = CouponField(label=gettext_lazy("Coupon"), offers_new=True)
    split = forms.BooleanField(
        label=gettext_lazy("Two ways on: who got a code, and who did not"),
        help_text=gettext_lazy("Without it everybody goes on, with a code or without one."),
        required=False,
    )


class IssueCoupon(Step):
    """Decides by the coupon's rules; codes of a pool are held for those who were told yes."""

    key = "issue_coupon"
    label = gettext_lazy("Give a coupon")
    family = "data"
    icon = "ticket-percent"
    form = IssueCouponForm

    def example(self) -> Config:
        coupon = Coupon.objects.filter(is_active=True).first()
        return {"coupon": str(coupon.pk) if coupon else "", "split": True}

    def summary(self, config: Config) -> str:
        coupon = coupon_named(config.get("coupon"))
        return coupon.name if coupon else _("No coupon chosen")

    def furnish(self, config: Config, *, language: str, now: datetime) -> Config:
        """A ready-made coupon becomes one of the workspace."""
        return {**config, "coupon": made(str(config.get("coupon") or ""), now=now)}

    def doors(self, config: Config) -> list[tuple[Words, str]]:
        coupon = coupon_named(config.get("coupon"))
        if coupon is None:
            return [(_("Make another coupon"), reverse("commerce:coupon_new"))]
        return [(_("Open this coupon"), reverse("commerce:coupon", args=[coupon.pk]))]

    def problems(self, config: Config) -> list[Problem]:
        coupon = coupon_named(config.get("coupon"))
        if coupon is None:
            return [Problem("coupon_missing", _("Choose a coupon."), field="coupon")]
        if not coupon.is_active:
            return [Problem("coupon_stopped", _("This coupon has been stopped."), field="coupon")]
        return []

    def lanes(self, config: Config) -> list[str] | None:
        return [_("Got a code"), _("Got none")] if config.get("split") else None

    def question(self, config: Config) -> Config:
        return {"kind": "may_have_coupon", "config": {"coupon": config["coupon"]}}

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        served = self._served(batch)
        if not batch.config.get("split"):
            return [_next(run.enrolment_id in served) for run in batch.runs]
        return [Branch(GOT if run.enrolment_id in served else NONE) for run in batch.runs]

    def act(self, batch: StepBatch) -> None:
        self.act_many([batch])

    def act_many(self, batches: Sequence[StepBatch]) -> None:
        """Whom to serve is asked once more, for all before the first code is given.

        So it has the answer that `run` had. Two steps that were promised the same last codes of
        a pool fail together, and the engine takes their runs again in smaller batches.
        """
        for batch, served in [(batch, self._served(batch)) for batch in batches]:
            coupon = coupon_named(batch.config["coupon"])
            if coupon is not None:
                issue_codes(coupon=coupon, wanted=_wanted(batch, served), now=batch.now)

    def _served(self, batch: StepBatch) -> set[UUID]:
        """The runs that get a code: those that may have one, as far as the pool goes."""
        coupon = coupon_named(batch.config["coupon"])
        if coupon is None:
            return set()
        allowed = batch.matching(self.question(batch.config))
        asking = [run for run in batch.runs if run.contact_id in allowed]
        if coupon.none_in_days:
            # Somebody with two carts has two runs, and is given one code.
            asking = list({run.contact_id: run for run in reversed(asking)}.values())[::-1]
        held = reserve(coupon=coupon, count=len(asking))
        return {run.enrolment_id for run in asking[:held]}


def _wanted(batch: StepBatch, served: set[UUID]) -> list[Wanted]:
    return [
        Wanted(run.contact_id, run.enrolment_id, batch.journey_id, batch.step_id, run.visit)
        for run in batch.runs
        if run.enrolment_id in served
    ]


def _next(is_served: bool) -> Next:
    return Next() if is_served else Next("no_code")


steps.register(IssueCoupon())
