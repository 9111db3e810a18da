"""Who is told of an alert, and who of them may close its case."""

from __future__ import annotations

from collections.abc import Iterable

from streaming_jobs.response.plan import Plan, fits, inside
from streaming_jobs.response.state import Case
from streaming_jobs.response.words import AlertStep


def kind_of(address: str) -> str:
    """The kind of post in an address such as ``block_duty.A@330101``."""
    return address.partition("@")[0].partition(".")[0]


def addresses(plan: Plan, post: str, facility: str, zone: str) -> list[str]:
    """Addresses of a kind of post for a place; several where the post has units."""
    kind = plan.posts[post]  # type: ignore[index]
    scope = facility if kind.digits == "all" else facility[: kind.digits]
    units = [u for u in plan.units if u.post == post and fits([u.facility], facility)]
    mine = [u for u in units if fits(u.zones, zone)] or units  # nobody's zone is everybody's
    return [f"{post}.{u.unit}@{scope}" for u in mine] or [f"{post}@{scope}"]


def told(plan: Plan, alert: AlertStep, at: int) -> list[str]:
    """Addresses that are told of an alert: never none, and never only the accused post."""
    if alert.verdict == "unobservable":
        posts: list[str] = [*plan.unobservable.posts]
    else:
        posts = [post for post in alert.notify if post in plan.posts] or [alert.accountable]
        minute = plan.local_minute(at)
        for more in plan.subscriptions:
            if (
                fits(more.rules, alert.rule)
                and alert.severity in more.severities
                and fits(more.facilities, alert.facility)
                and fits(more.zones, alert.zone)
                and (more.shift is None or inside(more.shift, minute))
            ):
                posts += more.posts
    posts = [post for post in dict.fromkeys(posts) if post in plan.posts]
    if not posts or (alert.about_staff and set(posts) <= {alert.accountable}):
        posts.append(above(plan, alert.accountable))
    return [address for post in posts for address in addresses(plan, post, alert.facility, alert.zone)]


def above(plan: Plan, post: str) -> str:
    """The lowest post that stands above this one; the highest of all where none does."""
    rank = plan.posts[post].rank if post in plan.posts else 0  # type: ignore[index]
    ranked = sorted((kind.rank, name) for name, kind in plan.posts.items())
    return next((name for r, name in ranked if r > rank), ranked[-1][1])


def is_accused(case: Case, address: str) -> bool:
    """Whether a post is the one whose staff the case is about."""
    return case.first.about_staff and kind_of(address) == case.first.accountable


def refusal(plan: Plan, case: Case, post: str, officer: str, posts: Iterable[str]) -> str:
    """Why an answer does not count; empty where it does.

    A case about staff is answered by nobody who belongs to the accused post or whom it is about, through
    whichever terminal.
    """
    if case.status == "closed":
        return "closed"
    if post not in case.called:
        return "not_called"
    if case.first.about_staff and (
        is_accused(case, post)
        or officer in case.subjects
        or any(is_accused(case, other) and in_scope(other, case.first.facility) for other in posts)
    ):
        return "accused"
    return ""


def in_scope(address: str, facility: str) -> bool:
    """Whether a facility lies within an address's scope."""
    return facility.startswith(address.partition("@")[2])


def may_close(plan: Plan, case: Case, address: str) -> bool:
    """Whether a post's word ends the whole case: the accountable post's or a higher one's.

    Where the accountable post was not called (it may be the accused one), any called post's does.
    """
    if case.first.about_staff or case.first.verdict == "unobservable":
        return True
    kind = kind_of(address)
    if not any(kind_of(called) == case.first.accountable for called in case.called):
        return True
    return kind == case.first.accountable or plan.posts[kind].rank > 0  # type: ignore[index]
