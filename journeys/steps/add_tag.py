"""Put a tag on people."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy

from contacts import tags
from journeys.contracts import Config, Next, Outcome, Step, StepBatch, steps
from journeys.tag_form import TagForm


class AddTag(Step):
    """A tag that does not exist yet is made; who has it already keeps it."""

    key = "add_tag"
    label = gettext_lazy("Add tag")
    family = "data"
    icon = "tag"
    form = TagForm
    changes_contacts = True

    def example(self) -> Config:
        return {"tag": "welcomed"}

    def summary(self, config: Config) -> str:
        return str(config.get("tag", ""))

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        return [Next()] * len(batch.runs)

    def act(self, batch: StepBatch) -> None:
        self.act_many([batch])

    def act_many(self, batches: Sequence[StepBatch]) -> None:
        pairs = [(each, batch.config["tag"]) for batch in batches for each in batch.contact_ids]
        tags.add_tags(pairs=pairs, now=batches[0].now, source="journey")


steps.register(AddTag())
