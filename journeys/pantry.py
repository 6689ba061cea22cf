"""What recipes cook with: things of other floors by name, and short words for steps."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from journeys.contracts import Config, ingredients
from tenants.models import Workspace

Steps = Sequence[Config]


class Pantry:
    """Hands out ingredients and numbers the steps of one recipe, in order of their making."""

    def __init__(self, *, workspace: Workspace, language: str, now: datetime) -> None:
        self.workspace = workspace
        self.language = language
        self._now = now
        self._steps = 0

    def take(self, kind: str, name: str, **settings: Any) -> str:
        """The id of an ingredient, made when the workspace has none of that name."""
        return ingredients.get(kind).make(name, self.language, self._now, settings)

    def step(self, kind: str, config: Config | None = None, *lanes: Steps) -> Config:
        """One step; further lists are its branches."""
        self._steps += 1
        step: Config = {"id": f"s{self._steps:02}", "kind": kind, "config": config or {}}
        if lanes:
            step["branches"] = [{"label": "", "steps": list(lane)} for lane in lanes]
        return step

    # --- the steps most recipes are made of

    def mail(self, name: str, *, within_hours: int = 72) -> Config:
        """Send a starter mail, and not at all when it would be later than that."""
        template = self.take("mail", name)
        return self.step("send_email", {"template": template, "not_after_hours": within_hours})

    def wait(self, amount: int, unit: str = "days") -> Config:
        """Wait minutes, hours, days or weeks."""
        return self.step("wait", {"amount": amount, "unit": unit})

    def until(self, time: str = "09:00") -> Config:
        """Wait for that time of day where the person lives."""
        return self.step("wait_until", {"at": time, "weekdays": []})

    def ask(self, survey: str) -> Config:
        """Ask one of the surveys that every workspace starts with; the next mail carries it."""
        return self.step("ask_survey", {"survey": self.take("survey", survey)})

    def coupon(self, name: str, **settings: Any) -> Config:
        """Give a code of this coupon, whose later mails name it; who may have none goes on."""
        return self.step("issue_coupon", {"coupon": self.take("coupon", name, **settings)})

    def tag(self, name: str) -> Config:
        """Put a tag on."""
        return self.step("add_tag", {"tag": name})

    def choose(self, condition: Config, yes: Steps, no: Steps = ()) -> Config:
        """If / else."""
        return self.step("if_else", {"condition": condition}, yes, no)

    def wait_for(
        self, event: str, days: int, happened: Steps = (), timed_out: Steps = ()
    ) -> Config:
        """Wait for an event, so many days at most."""
        config = {"event": event, "amount": days, "unit": "days"}
        return self.step("wait_for_event", config, happened, timed_out)

    def end(self, reason: str) -> Config:
        """Leave the journey."""
        return self.step("exit", {"reason": reason})


def condition(kind: str, **config: Any) -> Config:
    """One leaf of a tree of conditions."""
    return {"kind": kind, "config": config}


def entry(kind: str, **config: Any) -> Config:
    """One way in."""
    return {"kind": kind, "config": config}


def by_a_person(event: str) -> Config:
    """The event, when no machine made it."""
    return {"event": event, "property": "machine", "operator": "is", "value": "false"}
