"""The values with which the widgets of a plan begin, for each model that can be chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.models.card import ModelCard
from core.runs.plan import PLAN_SETTINGS, TrainingPlan, get_setting
from core.runs.proposals import propose_fine_tuning, propose_plan
from core.runs.recipe import Recipe, list_settings

SETTINGS = list_settings(Recipe)
# Another model leaves these as they are.
KEPT = ("epochs", "augmented_copies", "seed")


@dataclass(frozen=True)
class Proposals:
    """What is proposed for a choice: a built-in model, a run, or else layers of one's own.

    Attributes:
        trainable: cards of the built-in models that can be trained, by id.
        own: the plans of the runs that can be trained further, by the id of the run.
    """

    trainable: Mapping[str, ModelCard]
    own: Mapping[str, TrainingPlan]

    def propose_recipe(self, chosen: str) -> Recipe:
        """The recipe of a new training: for a run, what is not ``KEPT`` of its own."""
        if chosen in self.own:
            earlier = self.own[chosen].recipe
            return replace(earlier, **{name: getattr(Recipe(), name) for name in KEPT})
        card = self.trainable.get(chosen)
        return propose_plan(card).recipe if card else Recipe()

    def list_values(self, chosen: str, *, tuned: bool) -> dict[str, Any]:
        """The values of all settings, by name.

        Args:
            chosen: the id of a model or a run; any other text for layers of one's own.
            tuned: whether the training starts from trained weights.
        """
        plan = TrainingPlan(recipe=self.propose_recipe(chosen))
        values = {name: get_setting(plan, name) for name in PLAN_SETTINGS | SETTINGS}
        return values | self.list_tuning(chosen) if tuned else values

    def list_tuning(self, chosen: str) -> dict[str, Any]:
        """The values of the settings in which fine-tuning differs.

        The learning rate is a part of that for the architecture: the run itself may be fine-tuned.
        """
        if chosen in self.own:
            chosen = self.own[chosen].architecture or ""
        return propose_fine_tuning(self.propose_recipe(chosen))
