"""Who calls, and what they may do. A role without a permission has none: deny by default."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Permission(StrEnum):
    OWN_DATA = "own-data"
    ADMINISTER = "administer"


ROLES = {
    "user": frozenset({Permission.OWN_DATA}),
    "admin": frozenset({Permission.OWN_DATA, Permission.ADMINISTER}),
}


@dataclass(frozen=True, slots=True)
class Principal:
    user_id: UUID
    session_id: UUID
    role: str
    auth_time: int

    def may(self, permission: Permission) -> bool:
        return permission in ROLES.get(self.role, frozenset())
