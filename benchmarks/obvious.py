"""The obvious bot: jieba, rank-bm25 and SQLAlchemy's async ORM, put together as their documentation has it.

    python -m benchmarks.obvious sqlite+aiosqlite:///file.sqlite3

It answers from the same content: one BM25 document an entry (title, ways of asking, answer), the best one is the reply.
A request has a session: is this message id known, the last five of this person, answer, store. What costs nothing to do
well is done well: WAL, indexes, everything cut and counted once at the start, and the cipher made once.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import jieba
from rank_bm25 import BM25Okapi
from sqlalchemy import String, Text, event, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.echo import serve
from bot.knowledge.content import read_content

CONTENT = Path(__file__).parent.parent / "content"
LAST = 5
SHORT = 6  # characters; a shorter question is read together with the one before it
NOTHING = "抱歉，没有找到相关的答案。"


class Base(DeclarativeBase):
    pass


class Exchange(Base):
    """One question and its answer."""

    __tablename__ = "exchanges"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(32), unique=True)
    openid: Mapped[str] = mapped_column(String(64), index=True)
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class Search:
    """BM25 over all entries."""

    def __init__(self, today: date) -> None:
        content, _ = read_content(CONTENT, today)
        documents = []
        self._answers = []
        for entry in content.entries.values():
            if entry.holds_on(today):
                shown, more = entry.text_on(today, content.figures)
                documents.append(jieba.lcut(" ".join((entry.title, *entry.questions, shown, more))))
                self._answers.append(f"{entry.title}\n{shown}")
        self._bm25 = BM25Okapi(documents)

    def answer(self, question: str) -> str:
        scores = self._bm25.get_scores(jieba.lcut(question))
        best = int(scores.argmax())
        return self._answers[best] if scores[best] > 0 else NOTHING


class Bot:
    """Answers, and keeps what was said."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], search: Search) -> None:
        self._sessions = sessions
        self._search = search

    async def answer(self, openid: str, id: str, words: str) -> str:
        async with self._sessions() as session:
            known = await session.scalar(select(Exchange).where(Exchange.message_id == id))
            if known is not None:
                return known.answer
            of_person = select(Exchange).where(Exchange.openid == openid)
            recent = (await session.scalars(of_person.order_by(Exchange.id.desc()).limit(LAST))).all()
            asked = f"{recent[0].question} {words}" if recent and len(words) < SHORT else words
            said = self._search.answer(asked)
            session.add(Exchange(message_id=id, openid=openid, question=words, answer=said, at=_now()))
            await session.commit()
            return said


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


async def run(url: str) -> None:
    engine = create_async_engine(url, connect_args={"timeout": 30} if url.startswith("sqlite") else {})
    if url.startswith("sqlite"):

        @event.listens_for(engine.sync_engine, "connect")
        def connect(connection: Any, _: Any) -> None:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")

    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    bot = Bot(async_sessionmaker(engine, expire_on_commit=False), Search(_now().date()))
    try:
        await serve(bot.answer)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    jieba.setLogLevel("WARNING")
    asyncio.run(run(sys.argv[1]))
