"""The gateway, and who may use it: users of terminals, devices, the audit log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from infra.settings import Settings

By = Annotated[str, typer.Option("--by", help="Pseudonym of who does it.")]
Why = Annotated[str, typer.Option("--why", help="Why; kept in the audit log.")]


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(gateway)
    users = typer.Typer(no_args_is_help=True, help="Users of terminals: add, list, reset a password, disable.")
    for name, command in (("add", user_add), ("defaults", user_defaults), ("list", user_list)):
        users.command(name)(command)
    users.command("reset")(user_reset)
    users.command("disable")(user_disable)
    app.add_typer(users, name="user")
    devices = typer.Typer(no_args_is_help=True, help="Devices that post events: add, list, rotate a key, revoke.")
    for name, one in (("add", device_add), ("list", device_list), ("rotate", device_rotate), ("revoke", device_revoke)):
        devices.command(name)(one)
    app.add_typer(devices, name="device")
    log = typer.Typer(no_args_is_help=True, help="The audit log.")
    log.command("verify")(audit_verify)
    app.add_typer(log, name="audit")


def gateway(
    port: Annotated[int, typer.Option(help="0 takes the port of the settings.")] = 0,
    host: Annotated[str, typer.Option(help="Put a proxy with TLS before it where it is to be reached.")] = "127.0.0.1",
) -> None:
    """Serve posts' terminals and devices until stopped. In the background: safehold up --only gateway."""
    from infra.gateway.run import serve
    from infra.settings import load_settings

    settings = load_settings()
    chosen = port or settings.gateway_port
    serve(settings, host, chosen, lambda: typer.echo(f"the gateway answers at http://{host}:{chosen}"))


def _record(settings: Settings, who: str, what: str, target: str, why: str) -> None:
    import time

    from infra import audit
    from ingestion.contracts import AuditEntry, content_id

    at = int(time.time() * 1000)
    name = content_id(who, what, target, time.time_ns())[:16]
    entry = AuditEntry(audit_id=name, at=at, who=who, what=what, target=target, why=why, before="", after="")
    audit.append(settings, [entry])


# -- users ----------------------------------------------------------------------------------------


def user_add(
    name: Annotated[str, typer.Argument(help="The officer's pseudonym.")],
    post: Annotated[list[str], typer.Option("--post", help="e.g. control_room@330101; more than once if need be.")],
    by: By,
    why: Why = "new user",
) -> None:
    """Add a user; the password is shown once."""
    from infra.gateway.accounts import Accounts
    from infra.settings import load_settings

    settings = load_settings()
    _record(settings, by, "user add", f"{name} at {','.join(post)}", why)
    typer.echo(f"{name}  {Accounts(settings.access_db).add(name, tuple(post))}")


def user_defaults(
    facility: Annotated[str, typer.Argument(help="The facility's id, e.g. 330101.")],
    by: By,
    why: Why = "users of a new facility",
) -> None:
    """Add one user for each post that the facility's alerts may reach; passwords are shown once."""
    from infra.gateway.accounts import Accounts, default_users
    from infra.settings import load_settings
    from streaming_jobs.response import load_plan

    settings = load_settings()
    accounts = Accounts(settings.access_db)
    known = accounts.all()
    plan = load_plan(Path(settings.response_plan) if settings.response_plan else None)
    for name, addresses in default_users(facility, plan).items():
        if name in known:
            typer.echo(f"{name:<28} is there already")
            continue
        _record(settings, by, "user add", f"{name} at {','.join(addresses)}", why)
        typer.echo(f"{name:<28} {accounts.add(name, addresses)}")


def user_list() -> None:
    """Users and their posts."""
    from infra.gateway.accounts import Accounts
    from infra.settings import load_settings

    for name, posts in Accounts(load_settings().access_db).all().items():
        typer.echo(f"{name:<28} {', '.join(posts)}")


def user_reset(name: str, by: By, why: Why = "password lost") -> None:
    """A new password, shown once; all sessions end."""
    from infra.gateway.accounts import Accounts
    from infra.settings import load_settings

    settings = load_settings()
    _record(settings, by, "user reset", name, why)
    typer.echo(f"{name}  {Accounts(settings.access_db).reset(name)}")


def user_disable(name: str, by: By, why: Why = "left") -> None:
    """No log-in any more; all sessions end."""
    from infra.gateway.accounts import Accounts
    from infra.settings import load_settings

    settings = load_settings()
    _record(settings, by, "user disable", name, why)
    Accounts(settings.access_db).disable(name)


# -- devices --------------------------------------------------------------------------------------


def device_add(
    name: str,
    facility: Annotated[str, typer.Option(help="The one facility that it speaks for.")],
    types: Annotated[list[str], typer.Option("--type", help="Type of its events; more than once if need be.")],
    by: By,
    ids: Annotated[
        list[str] | None, typer.Option("--id", help="Pattern of the `device` of its events; else its own name.")
    ] = None,
    per_second: Annotated[float, typer.Option(help="Records that it may post.")] = 200.0,
    why: Why = "new device",
) -> None:
    """Register a device; its key is shown once. It posts with HTTP Basic, name and key."""
    from infra.local.mqtt import write_users
    from infra.settings import load_settings
    from ingestion.gateway import Devices

    settings = load_settings()
    _record(settings, by, "device add", f"{name} at {facility}: {','.join(types)}", why)
    typer.echo(Devices(settings.access_db).add(name, facility, tuple(types), tuple(ids or ()), per_second))
    write_users(settings)


def device_list() -> None:
    """Devices, what they may post, and whether they were revoked."""
    from infra.settings import load_settings
    from ingestion.gateway import Devices

    for one in Devices(load_settings().access_db).all():
        state = "revoked" if one.revoked else f"{one.per_second:g}/s"
        typer.echo(f"{one.name:<24} {one.facility:<10} {state:<10} {','.join(one.types)}  {','.join(one.ids)}")


def device_rotate(
    name: str,
    by: By,
    overlap_h: Annotated[float, typer.Option(help="Hours for which the key before stays good over HTTP.")] = 24.0,
    why: Why = "rotation",
) -> None:
    """A new key, shown once."""
    from infra.local.mqtt import write_users
    from infra.settings import load_settings
    from ingestion.gateway import Devices

    settings = load_settings()
    _record(settings, by, "device rotate", name, why)
    typer.echo(Devices(settings.access_db).rotate(name, overlap_h * 3600))
    write_users(settings)


def device_revoke(name: str, by: By, why: Why) -> None:
    """No key of the device is good any more, at once."""
    from infra.local.mqtt import write_users
    from infra.settings import load_settings
    from ingestion.gateway import Devices

    settings = load_settings()
    _record(settings, by, "device revoke", name, why)
    Devices(settings.access_db).revoke(name)
    write_users(settings)


# -- audit ----------------------------------------------------------------------------------------


def audit_verify() -> None:
    """Check the whole chain: every change, gap, repetition and cut end is named; exit code 1 if there is one."""
    from infra import audit
    from infra.settings import SafeholdError, load_settings

    settings = load_settings()
    count, faults = audit.verify(settings)
    for fault in faults:
        typer.echo(f"number {fault.number}: {fault.what}")
    if faults:
        raise SafeholdError(
            f"the audit log does not hold: {len(faults)} faults in {count} entries",
            where="audit.log",
            do="compare it with a copy: somebody changed it from outside",
        )
    typer.echo(f"{count} entries, an unbroken chain")
