"""All actions of rules, in the order in which one rule does them, however its lines are written (SPEC RU-1)."""

from maild.rules.actions import (
    add_tags,
    answer,
    assign,
    assign_team,
    escalate,
    mark_spam,
    notify,
    remove_tags,
    set_category,
    set_field,
    set_priority,
    set_status,
    webhook,
)
from maild.rules.actions.action import Action, ActionKind, Answer, Call, Done, Scene, Tell, Wish

ACTIONS: tuple[ActionKind, ...] = (
    set_category.ACTION,
    set_priority.ACTION,
    escalate.ACTION,
    set_field.ACTION,
    add_tags.ACTION,
    remove_tags.ACTION,
    assign_team.ACTION,  # before `assign`: another team takes the ticket from its assignee
    assign.ACTION,
    set_status.ACTION,
    mark_spam.ACTION,
    notify.ACTION,
    answer.ACTION,
    webhook.ACTION,
)
BY_NAME: dict[str, ActionKind] = {kind.name: kind for kind in ACTIONS}

__all__ = ["ACTIONS", "BY_NAME", "Action", "ActionKind", "Answer", "Call", "Done", "Scene", "Tell", "Wish"]
