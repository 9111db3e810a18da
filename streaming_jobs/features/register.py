"""What the register says of the people who are here, as tables of what rules need, made anew when it changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streaming_jobs.features.world import ROLES, Bools, Longs, Person, Plan, World

SEXES = ("unknown", "female", "male")


@dataclass(frozen=True)
class Register:
    """Of the detainees, by pseudonym. ``group``: place of the sex in SEXES times two, plus one for a minor."""

    cell: dict[str, str]
    group: dict[str, int]


@dataclass(frozen=True)
class Roll:
    """The register by subject of a second. Shape (S,) each.

    ``role`` is unknown and ``block`` -1 for those not listed, ``group`` -1 for all but detainees,
    ``cell`` the zone's number, -1 for none.
    """

    of: tuple[Register, Plan, list[str]]
    listed: Bools
    role: Longs
    block: Longs
    group: Longs
    cell: Longs
    red: Bools


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
        )
    return world.register


def roll_of(world: World, subjects: list[str]) -> Roll:
    """The register in the order of ``subjects``; kept as long as register, plan and subjects are the same."""
    register = register_of(world)
    kept = world.roll
    if kept is None or kept.of[0] is not register or kept.of[1] is not world.plan or kept.of[2] != subjects:
        kept = world.roll = _roll(world, register, subjects)
    return kept


def _roll(world: World, register: Register, subjects: list[str]) -> Roll:
    zones = world.plan.zone_index
    persons = [world.persons.get(subject) for subject in subjects]
    blocks = {"": -1}
    return Roll(
        of=(register, world.plan, subjects),
        listed=np.array([person is not None for person in persons], dtype=np.bool_),
        role=np.array([ROLES["unknown" if p is None else p.role] for p in persons], dtype=np.int64),
        block=np.array([blocks.setdefault("" if p is None else p.block, len(blocks)) for p in persons], dtype=np.int64),
        group=np.array([register.group.get(subject, -1) for subject in subjects], dtype=np.int64),
        cell=np.array([zones.get(register.cell.get(subject, ""), -1) for subject in subjects], dtype=np.int64),
        red=np.array([_is_red(person) for person in persons], dtype=np.bool_),
    )


def _is_red(person: Person | None) -> bool:
    return person is not None and person.role == "detainee" and person.facts.get("custody_level") == "red"
