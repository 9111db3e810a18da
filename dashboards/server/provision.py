"""Bring Superset's metadata up to date and make the administrator. Runs inside Superset's environment.

One process for what are three commands of Superset (`db upgrade`, `init`, `fab create-admin`):
importing Superset is most of the time of each. Reads the administrator's password from standard
input, so that it never stands in a process list.
"""

import sys
from pathlib import Path


def main() -> None:
    """Upgrade, write permissions, make or reset the user `admin`."""
    password = sys.stdin.readline().strip()

    import superset
    from superset.app import create_app

    app = create_app()
    with app.app_context():
        from flask_migrate import upgrade
        from superset import appbuilder, db, security_manager

        upgrade(directory=str(Path(superset.__file__).parent / "migrations"))
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        db.session.commit()
        admin = security_manager.find_user("admin")
        if admin is None:
            role = security_manager.find_role("Admin")
            made = security_manager.add_user("admin", "Safehold", "admin", "admin@safehold.invalid", role, password)
            if not made:
                sys.exit("the administrator could not be made")
        else:
            security_manager.reset_password(admin.id, password)
        db.session.commit()


if __name__ == "__main__":
    main()
