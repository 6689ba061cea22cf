"""What steps may read, from the live database; each thing once for everybody in the batch."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from contacts.models import Contact
from journeys import trees
from journeys.contracts import Config, StepBatch
from journeys.local_time import zone_named
from journeys.trees import Question


class LiveStore:
    """Reads contacts of one claimed batch, at most once until something changed them."""

    def __init__(self, contact_ids: Collection[UUID], timezone: ZoneInfo) -> None:
        self._contact_ids = contact_ids
        self._timezone = timezone
        self._contacts: Mapping[UUID, Contact] | None = None
        self._zones: Mapping[UUID, ZoneInfo] | None = None
        self._answers: dict[tuple[UUID, str], set[UUID]] = {}

    def contacts(self, contact_ids: Collection[UUID]) -> Mapping[UUID, Contact]:
        """The contacts of the whole batch by id."""
        if self._contacts is None:
            self._contacts = Contact.objects.in_bulk(self._contact_ids)
        return self._contacts

    def zones(self, contact_ids: Collection[UUID]) -> Mapping[UUID, ZoneInfo]:
        """The zone of everyone in the batch, the workspace's where theirs is unknown."""
        if self._zones is None:
            rows = Contact.objects.filter(pk__in=self._contact_ids).values_list("pk", "timezone")
            self._zones = {
                pk: (zone_named(name) if name else None) or self._timezone for pk, name in rows
            }
        return self._zones

    def ask(self, questions: Sequence[tuple[StepBatch, Config]]) -> None:
        """Look the answers to these questions up together, for `matching` to give."""
        asked = [Question(batch.contact_ids, tree, batch.journey_id) for batch, tree in questions]
        first = questions[0][0]
        found = trees.matching(asked, now=first.now, timezone=first.timezone)
        self._answers = {
            (batch.version_id, batch.step_id): answer
            for (batch, _tree), answer in zip(questions, found, strict=True)
        }

    def matching(
        self, contact_ids: Collection[UUID], tree: Config, batch: StepBatch
    ) -> Collection[UUID]:
        """Those for whom the tree holds, as of the batch's moment."""
        answer = self._answers.pop((batch.version_id, batch.step_id), None)
        if answer is not None:
            return answer
        question = Question(contact_ids, tree, batch.journey_id)
        return trees.matching([question], now=batch.now, timezone=batch.timezone)[0]

    def forget(self) -> None:
        """Read contacts again when next asked: a step has changed some."""
        self._contacts = self._zones = None
