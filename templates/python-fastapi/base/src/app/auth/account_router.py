"""/v1/me: the account of the caller."""

from uuid import UUID

from fastapi import APIRouter

from app.auth import schemas as s
from app.auth import service, sessions
from app.auth.context import Accounts
from app.auth.permissions import CurrentUser, RecentUser

router = APIRouter(prefix="/v1/me", tags=["me"])


@router.get("")
async def read_me(user: CurrentUser, accounts: Accounts) -> s.Me:
    return s.Me.model_validate(await accounts.user(user.user_id))


@router.patch("")
async def update_me(body: s.Rename, user: CurrentUser, accounts: Accounts) -> s.Me:
    return s.Me.model_validate(await service.rename(accounts, user, name=body.name))


@router.delete("", status_code=204)
async def delete_me(user: RecentUser, accounts: Accounts) -> None:
    await service.delete(accounts, user)


@router.put("/password", status_code=204)
async def change_password(body: s.PasswordChange, user: CurrentUser, accounts: Accounts) -> None:
    await service.change_password(
        accounts, user, current_password=body.current_password, new_password=body.new_password
    )


@router.put("/email", status_code=202)
async def change_email(body: s.AddressChange, user: RecentUser, accounts: Accounts) -> s.Accepted:
    await service.request_email_change(accounts, user, new_email=body.new_email)
    return s.Accepted()


@router.post("/email/confirm", status_code=204)
async def confirm_email(body: s.Confirmation, user: CurrentUser, accounts: Accounts) -> None:
    await service.confirm_email_change(accounts, user, token=body.token)


@router.get("/sessions")
async def list_sessions(user: CurrentUser, accounts: Accounts) -> s.SessionList:
    return s.SessionList(items=await sessions.listing(accounts, user))


@router.delete("/sessions", status_code=204)
async def end_other_sessions(user: RecentUser, accounts: Accounts) -> None:
    await sessions.end_all(accounts, user.user_id, keep=[user.session_id])


@router.delete("/sessions/{session_id}", status_code=204)
async def end_session(session_id: UUID, user: RecentUser, accounts: Accounts) -> None:
    await sessions.end_one(accounts, user, session_id=session_id)
