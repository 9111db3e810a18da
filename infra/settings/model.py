"""Settings: a profile's file, overridden by the environment; and where an instance keeps its state."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from infra.settings.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
"""The checkout this code runs from."""

PROFILES = ROOT / "infra" / "profiles"


class Settings(BaseSettings):
    """All settings of an instance. Paths below ``home`` are derived, never set one by one."""

    model_config = SettingsConfigDict(env_prefix="SAFEHOLD_", extra="forbid")

    profile: Literal["embedded", "cluster"] = "embedded"
    home: Path = Path(".safehold")
    realdata: Path = Path("../shared/data")
    parallelism: int
    checkpoint_interval_ms: int
    allowed_lateness_ms: int
    ahead_tolerance_ms: int
    feature_table: bool
    rules: Path = ROOT / "streaming_jobs" / "rules"
    """Folder of the rule files that the stream job evaluates."""
    access: Path = ROOT / "dashboards" / "assets" / "access.yaml"
    """Table of the dashboards' users: an installation has its own."""
    superset_port: int
    superset_workers: int
    gateway_port: int
    gateway_address: str = ""
    """The gateway as browsers see it, where a proxy stands before it; else as each request names it."""
    local_login: bool = True
    oidc_issuer: str = ""
    """OpenID Connect provider that may name users; empty: none. Its client's secret: <home>/secrets."""
    oidc_client_id: str = "safehold"
    oidc_user_claim: str = "preferred_username"
    """Claim of the ID token that is the name of a local user."""
    response_plan: str = ""
    flink_python_mode: Literal["process", "thread"]
    kafka_heap: str
    events_partitions: int
    keep_days: dict[str, int]
    """By lake table, days for which its rows are kept."""
    kafka_bootstrap: str = ""
    lake_uri: str = ""
    warehouse: str = ""
    disclosure_profile: str = "default"
    """Publication profile: which counts are public and which protected (batch_jobs/disclosure/profiles)."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        profile = os.environ.get("SAFEHOLD_PROFILE", "embedded")
        toml = TomlConfigSettingsSource(settings_cls, toml_file=PROFILES / f"{profile}.toml")
        return init_settings, env_settings, toml

    # -- where things are ---------------------------------------------------------------------
    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def run(self) -> Path:
        """Pid files and ports of the processes of this instance."""
        return self.home / "run"

    @property
    def secrets(self) -> Path:
        """Generated secrets, readable by the owner only."""
        return self.home / "secrets"

    @property
    def lake(self) -> Path:
        return self.home / "lake"

    @property
    def catalog_db(self) -> Path:
        return self.lake / "catalog.db"

    @property
    def lake_warehouse(self) -> str:
        return self.warehouse or f"file://{self.lake / 'warehouse'}"

    @property
    def blobs(self) -> Path:
        """Whole payloads of quarantined records that are too large for a row."""
        return self.lake / "blobs"

    @property
    def spool(self) -> Path:
        """What the landing could not hand to the broker, waiting to be sent."""
        return self.home / "spool"

    @property
    def flink(self) -> Path:
        return self.home / "flink"

    @property
    def kafka(self) -> Path:
        return self.home / "kafka"

    @property
    def marts(self) -> Path:
        return self.home / "marts"

    @property
    def marts_db(self) -> Path:
        """DuckDB file that dbt builds into; nobody reads it but the gate."""
        return self.marts / "build.duckdb"

    @property
    def published_db(self) -> Path:
        """DuckDB file that dashboards read; replaced as a whole after the gate passed."""
        return self.marts / "published.duckdb"

    @property
    def disclosure(self) -> Path:
        """What has been published, which binds what may be withheld; nobody reads it but disclosure control."""
        return self.marts / "disclosure"

    @property
    def superset(self) -> Path:
        return self.home / "superset"

    @property
    def response(self) -> Path:
        """Journal of the response, channels, photos of notes."""
        return self.home / "response"

    @property
    def access_db(self) -> Path:
        """Users, sessions and devices, with hashes of their secrets."""
        return self.home / "gateway" / "access.db"

    @property
    def jars(self) -> Path:
        return ROOT / "infra" / "jars" / "lib"


def load_settings(**overrides: object) -> Settings:
    """Settings of the instance named by the environment, with absolute paths.

    Raises:
        UserError: a profile that does not exist, or a value of the wrong type.
    """
    profile = os.environ.get("SAFEHOLD_PROFILE", "embedded")
    if not (PROFILES / f"{profile}.toml").exists():
        known = ", ".join(sorted(p.stem for p in PROFILES.glob("*.toml")))
        raise UserError(f"unknown profile {profile!r}", where="SAFEHOLD_PROFILE", do=f"use one of: {known}")
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise UserError(
            f"setting {name}: {first['msg']}",
            where=f"SAFEHOLD_{name.upper()} or infra/profiles/{profile}.toml",
            do="give a value of the right type",
        ) from error
    paths = {name: getattr(settings, name).resolve() for name in ("home", "realdata", "rules")}
    return settings.model_copy(update=paths)
