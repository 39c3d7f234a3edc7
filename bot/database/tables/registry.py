"""The register: the service points."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, Float, Index, String, Table

from bot.database.tables.columns import Id, metadata

points = Table(
    "points",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", String(40), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("sample", Boolean, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("adcode", String(6), nullable=False),
    Column("address", String(200), nullable=False),
    Column("phone", String(60), nullable=False),
    Column("lat", Float, nullable=False),  # WGS-84
    Column("lon", Float, nullable=False),
    Column("services", JSON, nullable=False),  # list of service tags
    Column("hours", String(200), nullable=False),  # empty: the region's hours
    Column("certified_on", Date),
    Column("expires_on", Date),
    Column("state", String(16), nullable=False),  # active, expired, revoked, cancelled
    Column("confirmed_on", Date),
    Column("website", String(300), nullable=False),
    Index("ix_points_lat", "lat"),
    Index("ix_points_adcode", "adcode"),
)
