"""Take a tag off people."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy

from contacts import tags
from journeys.contracts import Config, Next, Outcome, Step, StepBatch, steps
from journeys.tag_form import TagForm


class RemoveTag(Step):
    """Who does not have it goes on all the same."""

    key = "remove_tag"
    label = gettext_lazy("Remove tag")
    family = "data"
    icon = "tag"
    form = TagForm
    changes_contacts = True

    def example(self) -> Config:
        return {"tag": "prospect"}

    def summary(self, config: Config) -> str:
        return str(config.get("tag", ""))

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        return [Next()] * len(batch.runs)

    def act(self, batch: StepBatch) -> None:
        tags.remove_tag(
            contact_ids=batch.contact_ids,
            name=batch.config["tag"],
            now=batch.now,
            source="journey",
        )


steps.register(RemoveTag())
