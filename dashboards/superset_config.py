"""Superset's configuration for one Safehold instance. Runs inside Superset's own environment.

Everything that differs between instances comes from environment variables, set by
``infra.local.superset``: SAFEHOLD_SUPERSET_HOME (folder of the metadata and caches),
SAFEHOLD_SUPERSET_KEYS (JSON file with the generated keys), SAFEHOLD_SUPERSET_PORT and SAFEHOLD_PUBLISHED (the file of
the published tables).
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

HOME = Path(os.environ["SAFEHOLD_SUPERSET_HOME"])
_KEYS = json.loads(Path(os.environ["SAFEHOLD_SUPERSET_KEYS"]).read_text(encoding="utf-8"))

SECRET_KEY = _KEYS["secret_key"]
GUEST_TOKEN_JWT_SECRET = _KEYS["guest_key"]  # never issued (see FEATURE_FLAGS), but never a known default either

SQLALCHEMY_DATABASE_URI = os.environ.get("SAFEHOLD_SUPERSET_DB") or f"sqlite:///{HOME / 'metadata.db'}"
if SQLALCHEMY_DATABASE_URI.startswith("sqlite"):
    # Several workers write (action log, filter state): wait for each other instead of failing.
    SQLALCHEMY_ENGINE_OPTIONS = {"connect_args": {"timeout": 30}}

# -- names, languages, looks -------------------------------------------------------------------
APP_NAME = "Safehold"
LOGO_RIGHT_TEXT = "Safehold"
LANGUAGES = {"zh": {"flag": "cn", "name": "中文"}, "en": {"flag": "us", "name": "English"}}
BABEL_DEFAULT_LOCALE = "zh"
_FONTS = "'Noto Sans', 'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', Inter, Helvetica, Arial, sans-serif"
THEME_DEFAULT = {
    "token": {
        "brandAppName": APP_NAME,
        "brandLogoAlt": APP_NAME,
        "brandLogoUrl": "/static/assets/images/superset-logo-horiz.png",
        "brandLogoHref": "/",
        "brandLogoMargin": "18px 0",
        "brandLogoHeight": "24px",
        "colorPrimary": "#005A8D",
        "colorLink": "#005A8D",
        "colorError": "#B3261E",
        "colorWarning": "#E69F00",
        "colorSuccess": "#007A5A",
        "colorInfo": "#0072B2",
        "fontUrls": [],
        "fontFamily": _FONTS,
        "fontWeightNormal": "400",
        "fontWeightLight": "300",
        "fontWeightStrong": "500",
        "fontWeightBold": "700",
    },
    "algorithm": "default",
}
THEME_DARK = None
ENABLE_UI_THEME_ADMINISTRATION = False
THEME_FONT_URL_ALLOWED_DOMAINS: list[str] = []
# Okabe and Ito's palette: told apart by colour-blind readers, and mostly in grey too.
EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {
        "id": "safehold",
        "label": "Safehold",
        "isDefault": True,
        "description": "Okabe-Ito",
        "colors": ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#4D4D4D", "#B8A800"],
    }
]

# -- who may do what ---------------------------------------------------------------------------
# DASHBOARD_RBAC: readers have no right on any dataset; a dashboard's role opens its charts, no more.
FEATURE_FLAGS = {
    "DASHBOARD_RBAC": True,
    "EMBEDDED_SUPERSET": False,
    "ENABLE_TEMPLATE_PROCESSING": False,
    "ALLOW_ADHOC_SUBQUERY": False,
    "ALERT_REPORTS": False,
    "THUMBNAILS": False,
    "DRILL_BY": False,
    "DRILL_TO_DETAIL": False,
    # Off: charts below the fold would not be drawn, so neither in pictures nor in print.
    "DASHBOARD_VIRTUALIZATION": False,
}
PUBLIC_ROLE_LIKE = None
sys.path.append(str(Path(__file__).parent / "server"))  # after the environment's own packages
from safehold_answers import Answers, serve_kept  # type: ignore[import-not-found]  # noqa: E402
from safehold_security import SafeholdSecurityManager  # type: ignore[import-not-found]  # noqa: E402

CUSTOM_SECURITY_MANAGER = SafeholdSecurityManager
AUTH_USER_REGISTRATION = False
AUTH_RATE_LIMITED = True
RATELIMIT_ENABLED = True
RATELIMIT_APPLICATION = "1000 per second"  # of one address: thirty readers of one office open a page at once
FAB_ADD_SECURITY_API = True  # `safehold dashboards deploy` manages roles and users through it
FAB_API_SWAGGER_UI = False
HTML_SANITIZATION = True
SHOW_STACKTRACE = False
PREVENT_UNSAFE_DB_CONNECTIONS = True

# -- the browser talks to this server and to nobody else -----------------------------------------
SESSION_COOKIE_NAME = f"safehold_{os.environ['SAFEHOLD_SUPERSET_PORT']}"  # instances share 127.0.0.1's cookies
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "default-src": ["'self'"],
        "base-uri": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "font-src": ["'self'", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "frame-ancestors": ["'self'"],
        "form-action": ["'self'"],
        "style-src": ["'self'", "'unsafe-inline'"],  # Superset's style library writes style elements
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
    "referrer_policy": "same-origin",
}
BUG_REPORT_URL = None
DOCUMENTATION_URL = None

# -- caches: short, since numbers are replaced as a whole file ------------------------------------
DATA_CACHE_CONFIG = {
    "CACHE_TYPE": "FileSystemCache",
    "CACHE_DIR": str(HOME / "cache" / "data"),
    "CACHE_DEFAULT_TIMEOUT": 60,
    "CACHE_THRESHOLD": 2000,
}
CACHE_CONFIG = {
    "CACHE_TYPE": "FileSystemCache",
    "CACHE_DIR": str(HOME / "cache" / "metadata"),
    "CACHE_DEFAULT_TIMEOUT": 60,
}
ROW_LIMIT = 10000
SUPERSET_WEBSERVER_TIMEOUT = 120
CSV_EXPORT = {"encoding": "utf-8-sig"}


def FLASK_APP_MUTATOR(app: Any) -> None:
    """Keep finished answers, and take no page statistics from who is not logged in.

    The log-in page posts some as the form is sent. Superset answers with a redirect and a message in
    the session cookie; where that answer comes after the log-in's, it overwrites its session and the
    reader is back at the log-in page.
    """
    from flask import Response, request, session

    @app.before_request  # type: ignore[untyped-decorator]
    def no_statistics_of_strangers() -> Any:
        if request.path.rstrip("/") == "/superset/log" and "_user_id" not in session:
            return Response(status=204)
        return None

    serve_kept(app, Answers(HOME, Path(os.environ["SAFEHOLD_PUBLISHED"])))
