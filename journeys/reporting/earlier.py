"""Steps that only earlier versions of a journey have."""

from collections.abc import Collection

from journeys.definition import StepNode, parse, walk
from journeys.models import Journey, JourneyVersion


def earlier_steps(journey: Journey, step_ids: Collection[str]) -> dict[str, StepNode]:
    """Each of these steps as the newest version that has it says; one query."""
    found: dict[str, StepNode] = {}
    versions = JourneyVersion.objects.filter(journey=journey).order_by("number")
    for definition in versions.values_list("definition", flat=True):
        nodes = (node for node, _place in walk(parse(definition).steps))
        found |= {node.id: node for node in nodes if node.id in step_ids}
    return found
