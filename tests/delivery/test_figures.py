"""How the delivery goes, told to Prometheus and in the terminal."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, select, update

from bot.commands.letters import letters as show
from bot.commands.letters import lines
from bot.database.tables import letters
from bot.delivery.metrics import DeliveryFigures
from bot.letters import State
from bot.settings import read_settings
from bot.training.announcements import Announcements, Stage
from tests.delivery.test_delivery import Post, announce, now, people, stage, until
from tests.telegram_peer import Peer


def figures(found: bytes) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(found.decode())
        for sample in family.samples
    }


def test_what_waits_and_how_far_an_announcement_is(engine: Engine) -> None:
    with engine.begin() as connection:
        people(connection, 5)
        id = announce(connection)
        box = Announcements(connection)
        while box.advance(now()):
            pass
        first, second = connection.execute(select(letters.c.id).order_by(letters.c.id).limit(2)).scalars()
        connection.execute(update(letters).where(letters.c.id == first).values(state=State.SENT.value))
        connection.execute(
            update(letters).where(letters.c.id == second).values(state=State.REFUSED.value, cause="blocked")
        )
        found = figures(DeliveryFigures([]).read(connection))
        assert found == {
            ("ipbot_letters", "telegram", "waiting"): 3,
            ("ipbot_announcement_letters", str(id), "refused"): 1,
            ("ipbot_announcement_letters", str(id), "sent"): 1,
            ("ipbot_announcement_letters", str(id), "waiting"): 3,
        }
        (line,) = lines(connection)
        assert line == f"通知 {id}《通知》发送中 {'█' * 8}{'░' * 12} 2/5 已送达 1，等待 3，未送达 1"


def test_a_process_tells_what_became_of_its_letters(engine: Engine) -> None:
    with engine.begin() as connection:
        people(connection, 4)
        id = announce(connection)

    async def scene() -> None:
        async with Peer() as peer:
            peer.blocked = {1001}
            async with Post(peer, engine) as post:
                await until(lambda: stage(engine, id) is Stage.DONE)
            with engine.begin() as connection:
                found = figures(DeliveryFigures(post.delivery.lanes).read(connection))
        assert found == {
            ("ipbot_letters_settled_total", "telegram", "refused"): 1,
            ("ipbot_letters_settled_total", "telegram", "sent"): 3,
        }

    asyncio.run(scene())


def test_the_terminal_shows_it_until_it_is_done(tmp_path: Path) -> None:
    settings = read_settings({"IPBOT_DATABASE_URL": f"sqlite:///{tmp_path / 'a.sqlite3'}"})
    out = io.StringIO()
    assert show(settings, follow=True, out=out) == 0
    assert out.getvalue() == "还没有通知\n"
