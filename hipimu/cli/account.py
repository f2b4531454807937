"""`hipimu account`: who may log in, for whoever is at the computer with the store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from hipimu.cli.output import print_json
from hipimu.cli.store_lines import JsonOption, local, opened_store, plain, print_rows

if TYPE_CHECKING:
    from hipimu.store import AuditEntry, Store, User, Viewer

account = typer.Typer(
    help="Accounts of the coach's pages, also where no owner can log in any more.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_Store = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|URL",
        help="SQLite file or postgresql:// address. Without it: HIPIMU_STORE, or the usual place.",
        show_default=False,
    ),
]
_Login = Annotated[str, typer.Argument(metavar="LOGIN", help="What the person logs in by.")]


@account.command("list")
def list_accounts(store: _Store = None, json: JsonOption = False) -> None:
    """List all accounts."""
    with opened_store(store) as opened:
        found = opened.accounts.users(_console())
    if json:
        print_json(plain(found))
    elif not found:
        typer.echo("Nobody has an account. Make one for the owner by: hipimu account link")
    else:
        print_rows([_row(each) for each in found])


def _row(each: User) -> tuple[str, ...]:
    whom = {"owner": "", "coach": each.team or "all teams", "athlete": each.athlete or ""}
    seen = "never logged in" if each.seen_at is None else f"last here {local(each.seen_at)}"
    return each.login, each.name, each.role, whom[each.role], "shut" if each.disabled_at else seen


@account.command()
def link(
    reset: Annotated[
        str | None,
        typer.Option(
            metavar="LOGIN", help="For a new password of this person.", show_default=False
        ),
    ] = None,
    store: _Store = None,
) -> None:
    """Make a link that works once, within a day: for the first owner, or for a new password."""
    with opened_store(store) as opened:
        if reset is None:
            token, who = _owner_token(opened), "becomes the owner"
        else:
            user = _user(opened, reset)
            _, token = opened.accounts.reset(_console(), user.id, _now())
            who = f"sets the password of {user.login}"
    # As hipimu.web.coach writes it; a command without pages shall not load them.
    typer.echo(f"/join?t={token}")
    typer.echo(
        f"Whoever opens it {who}. It comes behind the address that hipimu serve shows.", err=True
    )


def _owner_token(opened: Store) -> str:
    from hipimu.errors import StoreError

    token = opened.accounts.owner_link(_now())
    if token is None:
        raise StoreError(
            "There is an owner who may log in.",
            "For a new password: hipimu account link --reset LOGIN.",
            reason="exists",
        )
    return token


@account.command()
def disable(login: _Login, store: _Store = None) -> None:
    """Shut an account: its logins, programs' tokens and open invitations end."""
    with opened_store(store) as opened:
        user = _user(opened, login)
        opened.accounts.disable(_console(), user.id, _now())
    typer.echo(f"{user.login} is shut out. Let them in again by: hipimu account enable LOGIN")


@account.command()
def enable(login: _Login, store: _Store = None) -> None:
    """Open an account again; the password is the one from before."""
    with opened_store(store) as opened:
        user = _user(opened, login)
        opened.accounts.enable(_console(), user.id)
    typer.echo(f"{user.login} may log in again.")


@account.command()
def audit(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, of the newest.")] = 50,
    store: _Store = None,
    json: JsonOption = False,
) -> None:
    """Show who did what, newest first."""
    with opened_store(store) as opened:
        entries = opened.accounts.audit(_console(), limit)
    if json:
        print_json(plain(entries))
    elif not entries:
        typer.echo("Nothing is written down yet.")
    else:
        print_rows([_told(entry) for entry in entries])


def _told(entry: AuditEntry) -> tuple[str, ...]:
    from hipimu.store.audit import ACTIONS

    what = ACTIONS.get(entry.action, entry.action)
    about = ", ".join(part for part in (entry.athlete, entry.detail) if part)
    return local(entry.at), entry.who or "–", f"{what} ({about})" if about else what


def _user(opened: Store, login: str) -> User:
    """Return who logs in by a name."""
    from hipimu.errors import StoreError
    from hipimu.store.names import name_key

    key = name_key(login)
    for user in opened.accounts.users(_console()):
        if name_key(user.login) == key:
            return user
    raise StoreError(
        f"Nobody logs in as {login[:100]!r}.", "Logins: hipimu account list.", reason="not_found"
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _console() -> Viewer:
    """Whoever can read the store's file can do anything to it: an owner."""
    from hipimu.store import Viewer

    return Viewer("console", "owner")
