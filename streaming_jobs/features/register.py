"""What the register says of the detainees who are here, as tables of what rules need, made anew when it changes."""

from __future__ import annotations

from dataclasses import dataclass

from streaming_jobs.features.world import World

SEXES = ("unknown", "female", "male")


@dataclass(frozen=True)
class Register:
    """By pseudonym. ``group``: place of the sex in SEXES times two, plus one for a minor; every detainee has one."""

    cell: dict[str, str]
    group: dict[str, int]
    red: set[str]


def register_of(world: World) -> Register:
    """The tables as of the persons in the world; kept until a person's context comes in."""
    if world.register is None:
        here = {subject: person for subject, person in world.persons.items() if person.role == "detainee"}
        world.register = Register(
            cell={subject: person.cell for subject, person in here.items() if person.cell},
            group={
                subject: 2 * SEXES.index(person.facts.get("sex", "unknown")) + bool(person.facts.get("minor"))
                for subject, person in here.items()
            },
            red={subject for subject, person in here.items() if person.facts.get("custody_level") == "red"},
        )
    return world.register
