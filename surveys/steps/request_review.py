"""Request a review of what was bought: the mail that follows carries the stars."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy, ngettext

from journeys.contracts import Config, Exit, Next, Outcome, Run, Step, StepBatch, steps
from surveys.choosing import uuid_of
from surveys.models import Review
from surveys.services.asking import NewReviewRequest, request_reviews
from surveys.visits import visits_of

MOST = 3
KEPT = ("name", "sku", "url", "image_url")


class RequestReviewForm(forms.Form):
    """How many products of one order at most."""

    most = forms.IntegerField(
        label=gettext_lazy("Products at most"), min_value=1, max_value=10, initial=MOST
    )


class RequestReview(Step):
    """One request a visit, about products of the run's order that this person has not reviewed."""

    key = "request_review"
    label = gettext_lazy("Request a review")
    icon = "star"
    family = "data"
    form = RequestReviewForm

    def example(self) -> Config:
        return {"most": MOST}

    def summary(self, config: Config) -> str:
        most = int(config.get("most") or MOST)
        return ngettext("Of %(most)d product", "Of at most %(most)d products", most) % {
            "most": most
        }

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        done = _reviewed(batch)
        return [
            Next() if _left(run, done, 1) else Exit("already_reviewed" if _lines(run.context)
                                                    else "nothing_to_review")
            for run in batch.runs
        ]  # fmt: skip

    def act(self, batch: StepBatch) -> None:
        done, most = _reviewed(batch), int(batch.config.get("most") or MOST)
        request_reviews(
            requests=[
                NewReviewRequest(
                    who=visit,
                    order_id=uuid_of(run.context.get("order_id")),
                    items=_left(run, done, most),
                )
                for run, visit in visits_of(batch)
            ],
            now=batch.now,
        )


def _reviewed(batch: StepBatch) -> set[tuple[UUID, str]]:
    """(contact, line or product) of everything these people have reviewed; one query for all."""
    rows = Review.objects.filter(contact__in=batch.contact_ids, submitted_at__lte=batch.now)
    return {
        (contact_id, str(reviewed))
        for contact_id, line_id, product_id in rows.values_list(
            "contact_id", "line_id", "product_id"
        )
        for reviewed in (line_id, product_id)
        if reviewed
    }


def _left(run: Run, done: set[tuple[UUID, str]], most: int) -> list[dict[str, str]]:
    """What is still to be reviewed, each product once."""
    found: dict[str, dict[str, str]] = {}
    for line in _lines(run.context):
        names = [line["line_id"], line["product_id"]]
        if not any((run.contact_id, name) in done for name in names if name):
            found.setdefault(line["product_id"] or line["line_id"], line)
    return list(found.values())[:most]


def _lines(context: Mapping[str, Any]) -> list[dict[str, str]]:
    """The lines of the order that started the run; of an entry by line, that one line."""
    lines = context.get("lines")
    return list(_clean(lines if isinstance(lines, list) else [context]))


def _clean(lines: Sequence[Any]) -> Iterator[dict[str, str]]:
    for line in lines:
        line_id = uuid_of(line.get("line_id")) if isinstance(line, Mapping) else None
        if line_id:
            product_id = uuid_of(line.get("product_id"))
            texts = {key: str(line.get(key) or "")[:2000] for key in KEPT}
            texts["name"], texts["sku"] = texts["name"][:300], texts["sku"][:120]
            yield {
                **texts,
                "line_id": str(line_id),
                "product_id": str(product_id) if product_id else "",
            }


steps.register(RequestReview())
