"""Who works here and what they may do: roles, jurisdictions, rights, one-time invites. Rights are decided only here."""

from bot.staff.members import BadInvite, Bound, Invite, Member, Staff
from bot.staff.rights import (
    ACTIONS,
    EVERYWHERE,
    INVITES,
    RIGHTS,
    SYSTEM,
    Action,
    Actor,
    Allowed,
    Denied,
    Matter,
    Role,
    could,
    may,
    refused,
)

__all__ = [
    "ACTIONS",
    "EVERYWHERE",
    "INVITES",
    "RIGHTS",
    "SYSTEM",
    "Action",
    "Actor",
    "Allowed",
    "BadInvite",
    "Bound",
    "Denied",
    "Invite",
    "Matter",
    "Member",
    "Role",
    "Staff",
    "could",
    "may",
    "refused",
]
