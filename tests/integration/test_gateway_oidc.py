"""Log-in by an OpenID Connect provider that runs: it names the user, and everything that is not right is refused."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from playwright.sync_api import expect

from dashboards.pictures import open_browser
from infra.gateway.accounts import Accounts
from infra.gateway.oidc import SECRET, Provider
from infra.gateway.run import Gateway
from infra.settings import Settings, UserError, ensure_tables, load_settings, open_catalog
from tests.support.browser import browser_path
from tests.support.gateway import PASSWORD, Terminal, gateway
from tests.support.instance import instance
from tests.support.oidc_provider import Idp, oidc_provider
from tests.support.patience import eventually

CLIENT_SECRET = "client-secret-of-this-test-8a1d"
USER = "gate-330101"


@pytest.fixture(scope="module")
def idp() -> Iterator[Idp]:
    with oidc_provider() as found:
        for user in (USER, "left-330101", "nobody-here", "wang.wu@example.org"):
            found.set_user(user)
        yield found


@pytest.fixture(scope="module")
def running(idp: Idp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Settings]]:
    """A gateway whose users log in at the provider only."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch, instance(home, ()):
        patch.setenv("SAFEHOLD_OIDC_ISSUER", idp.issuer)
        patch.setenv("SAFEHOLD_LOCAL_LOGIN", "false")
        settings = load_settings()
        keep_secret(settings)
        ensure_tables(open_catalog(settings))
        accounts = Accounts(settings.access_db)
        accounts.add("left-330101", ("gate@330101",), PASSWORD)
        accounts.disable("left-330101")
        accounts.close()
        with gateway(settings) as address:
            patch.undo()  # the process has them
            yield address, settings


def keep_secret(settings: Settings, mode: int = 0o600) -> Path:
    path = settings.secrets / SECRET
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{CLIENT_SECRET}\n", encoding="utf-8")
    path.chmod(mode)
    return path


class Phone:
    """A browser without a screen, half way through a log-in."""

    def __init__(self, address: str) -> None:
        self.address, self.http = address, requests.Session()
        self.sent_to = self.get("/oidc/start").headers["Location"]

    def get(self, path: str) -> requests.Response:
        return self.http.get(f"{self.address}{path}", allow_redirects=False, timeout=30)

    def back(self, where: str) -> str:
        """Follow the provider's way back; returns where the gateway sends the browser then."""
        assert where.startswith(f"{self.address}/oidc/return?")
        return self.get(where.removeprefix(self.address)).headers["Location"]

    @property
    def me(self) -> Any:
        reply = self.get("/me")
        return reply.json() if reply.ok else None


def test_who_logs_in_at_the_provider_has_the_posts_of_the_local_user(idp: Idp, running: tuple[str, Settings]) -> None:
    phone = Phone(running[0])
    asked = {key: value[0] for key, value in parse_qs(urlsplit(phone.sent_to).query).items()}
    assert (asked["response_type"], asked["client_id"], asked["scope"]) == ("code", "safehold", "openid profile")
    assert asked["redirect_uri"] == f"{running[0]}/oidc/return"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) >= 20
    assert len(asked["nonce"]) >= 20
    assert phone.back(idp.log_in(phone.sent_to, USER)) == "/"
    assert (phone.me["user"], phone.me["post"], "visit" in phone.me["rights"]) == (USER, "gate@330101", True)
    entry = {"key": "k-00000001", "at": 0, "kind": "panic"}
    assert phone.http.post(f"{running[0]}/entries", json=entry, timeout=30).status_code == 403, "no page's token"


@pytest.mark.parametrize("user", ["nobody-here", "left-330101", "wang.wu@example.org"])
def test_an_unknown_or_disabled_user_is_refused_and_it_is_in_the_audit_log(
    idp: Idp, running: tuple[str, Settings], user: str
) -> None:
    phone = Phone(running[0])
    assert phone.back(idp.log_in(phone.sent_to, user)) == "/?fault=oidc_unknown"
    assert phone.me is None

    def seen() -> bool:
        rows = open_catalog(running[1]).load_table("audit.log").scan().to_arrow().to_pylist()
        refused = [row["target"] for row in rows if (row["who"], row["what"]) == ("oidc", "log in refused")]
        assert not any("@" in target for target in refused), "an address is a person's name; it is kept as a digest"
        return any(target == user or ("@" in user and target.startswith("digest ")) for target in refused)

    eventually(seen)


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "another-client"},
        {"aud": ["safehold", "another-client"], "azp": "another-client"},
        {"iss": "https://elsewhere.example"},
        {"nonce": "of-another-log-in"},
        {"exp": int(time.time()) - 600},
        {"iat": int(time.time()) + 7200},
        {"at_hash": "bm90LWl0"},
        {"preferred_username": ""},
        {"preferred_username": ["gate-330101"]},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_log_in_lets_nobody_in(
    idp: Idp, running: tuple[str, Settings], wrong: dict[str, Any]
) -> None:
    idp.set_user("wrong", **{"preferred_username": USER, **wrong})
    phone = Phone(running[0])
    assert phone.back(idp.log_in(phone.sent_to, "wrong")) == "/?fault=oidc_refused"
    assert phone.me is None


def test_a_state_a_code_and_a_browser_belong_together_and_count_once(idp: Idp, running: tuple[str, Settings]) -> None:
    phone, other = Phone(running[0]), Phone(running[0])
    back = idp.log_in(phone.sent_to, USER)
    assert other.back(back) == "/?fault=oidc_refused", "a code that was slipped to another browser"
    forged = back.replace(parse_qs(urlsplit(back).query)["state"][0], "0" * 30)
    assert Phone(running[0]).back(forged) == "/?fault=oidc_refused"
    assert phone.back(back) == "/"
    assert phone.back(back) == "/?fault=oidc_refused", "the same answer again"
    third = Phone(running[0])
    state = parse_qs(urlsplit(third.sent_to).query)["state"][0]
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert third.back(f"{running[0]}/oidc/return?code={code}&state={state}") == "/?fault=oidc_refused", "a used code"
    fourth = Phone(running[0])
    state = parse_qs(urlsplit(fourth.sent_to).query)["state"][0]
    code = parse_qs(urlsplit(idp.log_in(Phone(running[0]).sent_to, USER)).query)["code"][0]
    swapped = f"{running[0]}/oidc/return?code={code}&state={state}"
    assert fourth.back(swapped) == "/?fault=oidc_refused", "a fresh code, but of a log-in with another verifier"
    assert fourth.back(f"{running[0]}/oidc/return?error=access_denied&state={state}") == "/?fault=oidc_refused"
    assert (other.me, third.me, fourth.me) == (None, None, None)


def test_the_way_back_leads_to_our_own_first_page_only(idp: Idp, running: tuple[str, Settings]) -> None:
    phone = Phone(running[0])
    phone.sent_to = phone.get(
        "/oidc/start?next=https://elsewhere.example&redirect_uri=https://elsewhere.example"
    ).headers["Location"]
    back = idp.log_in(phone.sent_to, USER)
    assert phone.back(f"{back}&next=https://elsewhere.example") == "/"


def test_the_password_way_is_shut_and_secrets_are_in_no_log(idp: Idp, running: tuple[str, Settings]) -> None:
    address, settings = running
    assert Terminal(address, USER).reply.status_code == 403
    assert requests.get(f"{address}/login/ways", timeout=30).json() == {"local": False, "oidc": True}
    phone = Phone(address)
    back = idp.log_in(phone.sent_to, USER)
    assert phone.back(back) == "/"
    assert phone.back(back) == "/?fault=oidc_refused"
    given = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    secrets = [CLIENT_SECRET, phone.http.cookies["safehold_session"], given["code"]]
    assert "log-in by OIDC: oidc_refused" in (settings.logs / "gateway.log").read_text(encoding="utf-8")
    for path in [*settings.home.rglob("*.log"), *settings.access_db.parent.iterdir()]:
        told = [*secrets, given["state"]] if path.suffix == ".log" else secrets
        assert not [secret for secret in told if secret.encode() in path.read_bytes()], path.name


def test_a_provider_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, oidc_issuer="http://127.0.0.1:9")
    keep_secret(settings)
    with instance(tmp_path, ()), pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAFEHOLD_OIDC_ISSUER", settings.oidc_issuer)
        with gateway(load_settings()) as address:
            reply = requests.get(f"{address}/oidc/start", allow_redirects=False, timeout=30)
            assert reply.headers["Location"] == "/?fault=oidc_away"
            assert Terminal(address, USER).reply.ok, "the local way is open beside it"


def test_settings_that_would_not_be_safe_are_refused(tmp_path: Path) -> None:
    def made(**more: Any) -> Provider:
        return Provider(load_settings(home=tmp_path, **more))

    with pytest.raises(UserError, match="no https address"):
        made(oidc_issuer="http://id.example")
    with pytest.raises(UserError, match="secret is missing"):
        made(oidc_issuer="https://id.example")
    path = keep_secret(load_settings(home=tmp_path), 0o640)
    with pytest.raises(UserError, match="others may read"):
        made(oidc_issuer="https://id.example")
    path.chmod(0o600)
    asked = made(oidc_issuer="https://id.example", gateway_address="https://safehold.example/")
    assert asked.returns_to("http://127.0.0.1:8090/") == "https://safehold.example/oidc/return"
    with pytest.raises(UserError, match="nobody could log in"):
        Gateway(load_settings(home=tmp_path, local_login=False))


@pytest.mark.browser
def test_on_a_real_screen_one_button_leads_to_the_provider_and_back(idp: Idp, running: tuple[str, Settings]) -> None:
    browser_path()
    with open_browser() as browser:
        context = browser.new_context(viewport={"width": 390, "height": 844})
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
        page.goto(running[0])
        expect(page.locator("#oidc")).to_have_text("统一身份认证登录")
        expect(page.locator("[name=password]")).to_be_hidden()
        if folder := os.environ.get("SAFEHOLD_PICTURES"):
            page.screenshot(path=str(Path(folder) / "oidc.png"))
        page.locator("#language").click()
        expect(page.locator("#oidc")).to_have_text("Log in with your organisation's account")
        page.locator("#oidc").click()
        page.wait_for_url(f"{idp.issuer}/**")
        page.locator("[name=sub]").first.fill("nobody-here")
        page.locator("[name=sub]").first.press("Enter")
        expect(page.locator("#login-fault")).to_have_text("This account is no user here; ask the administrator")
        page.locator("#oidc").click()
        page.wait_for_url(f"{idp.issuer}/**")
        page.locator("[name=sub]").first.fill(USER)
        page.locator("[name=sub]").first.press("Enter")
        expect(page.locator("nav")).to_be_visible()
        expect(page.locator("#scope")).to_have_text(f"330101 · {USER}")
        assert page.url == f"{running[0]}/"
        assert faults == []
        context.close()
