"""Who is told what: an ordered registry over one moment. Nobody gets two mails for one act (OUT-5)."""

from maild.notices import to_agents, to_customer, to_supplier
from maild.notices.notice import Audience, Marking, Moment, Notice, NoticeRule
from maild.records import replace

NOTICES: tuple[NoticeRule, ...] = (
    to_customer.acknowledgement,
    to_customer.answer,
    to_supplier.message,
    to_customer.merged,
    to_customer.told_status,
    to_customer.reminded,
    to_agents.undelivered,
    to_agents.delayed,
    to_agents.breached,
    to_agents.warned,
    to_agents.told_by_step,
    to_agents.reminded,
    to_agents.assignment,
    to_agents.new_ticket,
    to_agents.rated,
    to_agents.customer_reply,
    to_agents.supplier_reply,
    to_agents.note,
    to_agents.answer_copy,
    to_agents.escalation,
    to_agents.change,
)


def notices_for(moment: Moment) -> tuple[Notice, ...]:
    """All notices of a moment; for each person the first one in the registry's order wins."""
    told: set[str] = set()
    wanted: list[Notice] = []
    for rule in NOTICES:
        for notice in rule(moment):
            if not _exists_for(notice, moment):
                continue
            fresh = _without(notice, told)
            if fresh is not None:
                wanted.append(fresh)
                told |= {box.address for box in fresh.recipients()}
    return tuple(wanted)


def _exists_for(notice: Notice, moment: Moment) -> bool:
    """What an agent may not see does not exist for him."""
    if notice.audience is not Audience.AGENT:
        return True
    agent = moment.directory.agent_at(notice.to[0].address)
    return agent is not None and moment.sees(agent)


def _without(notice: Notice, told: set[str]) -> Notice | None:
    to = tuple(box for box in notice.to if box.address not in told)
    cc = tuple(box for box in notice.cc if box.address not in told)
    if not to and not cc:
        return None
    return replace(notice, to=to or cc, cc=cc if to else ())


__all__ = ["NOTICES", "Audience", "Marking", "Moment", "Notice", "notices_for"]
