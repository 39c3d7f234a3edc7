"""What Telegram tells, as a Message, and where the answer to it goes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from telegram import CallbackQuery, ChatMemberUpdated, Update
from telegram import Message as Native
from telegram.constants import ChatMemberStatus, ChatType, MessageEntityType

from bot.channels.telegram_fetch import Remote, remote
from bot.messages import Body, Datum, Event, Message, Person, Place, Press, Text, Upload
from bot.registry.geodesy import check_degrees

CHANNEL = "telegram"
ALLOWED_UPDATES = ("message", "callback_query", "my_chat_member")
NAME = 120  # characters kept of a file's name
_ENTRY = re.compile(r"_([A-Za-z0-9-]{1,63})")  # the payload of a link to an entry; Telegram allows 64 characters
_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
_UNSUPPORTED = (
    *("animation", "audio", "checklist", "contact", "dice", "game", "paid_media", "poll", "sticker", "story"),
    *("video", "video_note", "voice"),
)
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+|$)")


class MalformedError(ValueError):
    """Something that is no update."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an answer goes: the chat, the topic in it, and (in groups) the message that is answered."""

    chat: int
    private: bool = True
    thread: int | None = None
    reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message, where its answer goes, the press (its id) that Telegram wants confirmed, and the file that was sent."""

    message: Message
    to: Destination
    callback: str | None = None
    file: Remote | None = None


def receive(raw: object, account: str, now: datetime, username: str = "") -> Incoming | None:
    """Read the JSON of an update; None when it does not concern us. Raises MalformedError."""
    if not isinstance(raw, dict):
        raise MalformedError("not an object")
    try:
        update = Update.de_json(raw, None)
        if update is None or not 0 <= _whole(update.update_id) < 2**63:
            raise MalformedError("update_id")
        message = read(update, account, now, username)
        if message is None:
            return None
        query = update.callback_query
        file = remote(update.message) if isinstance(message.body, Upload) else None
        return Incoming(message, _destination(update, message.person), query.id if query else None, file)
    except Exception as error:  # PTB raises whatever happens to break on a value of the wrong type
        raise MalformedError(type(error).__name__) from None


def read(update: Update, account: str, now: datetime, username: str = "") -> Message | None:
    """The update as a Message; None when it does not concern us.

    ``account`` is the bot's number, ``username`` its name, by which it is addressed in groups. A person is one user in
    a private chat and one (chat, user) in a group. The time is ``now``, never the native date: a press carries that of
    the message the button is on. What is edited later, a moving location too, is left out.
    """
    found: tuple[Person, Body] | None = None
    if update.message:
        found = _message(update.message, account, username)
    elif update.callback_query:
        found = _press(update.callback_query, account)
    elif update.my_chat_member:
        found = _member(update.my_chat_member, account)
    if found is None:
        return None
    person, body = found
    return Message(person, body, str(update.update_id), now, private=destination(person).private)


def destination(person: Person) -> Destination:
    """Where a person is written to without having written just now. Raises ValueError."""
    chat, colon, _ = person.id.partition(":")
    return Destination(int(chat), private=not colon)


def private_chat(person: Person) -> int:
    """The chat with a person alone, whom we may know from a group. Raises ValueError."""
    return int(person.id.rpartition(":")[2])


def deep_link(username: str, entry: str) -> str:
    """A link that opens the chat at an entry, for posters and web pages. Raises ValueError on what cannot be linked to.

    Only entries: a link that says any command would let its author act for whoever opens it.
    """
    payload = "_" + entry.removeprefix("#")
    if not _ENTRY.fullmatch(payload):
        raise ValueError(f"no entry that can be linked to: {entry}")
    return f"https://t.me/{username}?start={payload}"


def _person(account: str, chat: object, user: object, private: bool) -> Person:
    id = str(_whole(user)) if private else f"{_whole(chat)}:{_whole(user)}"
    return Person(CHANNEL, account, id)


def _message(native: Native, account: str, username: str) -> tuple[Person, Body] | None:
    user, chat = native.from_user, native.chat
    if user is None or user.is_bot or native.sender_chat:
        return None
    private = chat.type == ChatType.PRIVATE
    if not private and not (chat.type in _GROUPS and _addressed(native, account, username)):
        return None
    body = _body(native, username, private)
    return None if body is None else (_person(account, chat.id, user.id, private), body)


def _addressed(native: Native, account: str, username: str) -> bool:
    """Whether a message in a group is for the bot: a command, an answer to it, or its name."""
    words = native.text or native.caption or ""
    if (command := _COMMAND.match(words)) and (name := command[2]):
        return name.lower() == username.lower()
    if command or (username and _naming(username).search(words)):
        return True
    answered = native.reply_to_message
    if answered and answered.from_user and not answered.forum_topic_created and str(answered.from_user.id) == account:
        return True
    return any(
        e.type == MessageEntityType.TEXT_MENTION and e.user is not None and str(e.user.id) == account
        for e in (*native.entities, *native.caption_entities)
    )


def _naming(username: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w@])@{re.escape(username)}(?!\w)\s*", re.IGNORECASE | re.ASCII)


def _body(native: Native, username: str, private: bool) -> Body | None:
    if native.text is not None:
        return _words(native.text, username, private)
    if native.location:  # a venue has one, too
        lat, lon = float(native.location.latitude), float(native.location.longitude)
        check_degrees(lat, lon)
        return Place(lat, lon, Datum.WGS84, _clean(native.venue.title) if native.venue else "")
    if any(getattr(native, kind, None) for kind in _UNSUPPORTED):
        return Event.UNSUPPORTED
    if native.photo:
        return Upload("photo.jpg")
    if native.document:
        name = _clean(native.document.file_name or "")
        return Upload(re.split(r"[/\\]", name)[-1][-NAME:] or "file")
    return None  # somebody joined, a message was pinned …


def _words(text: str, username: str, private: bool) -> Body:
    text = _clean(text)
    command = _COMMAND.match(text)
    if command is None or (command[2] and command[2].lower() != username.lower()):
        return Text(text if private or not username else _naming(username).sub("", text).strip())
    name, rest = command[1].lower(), text[command.end() :].strip()
    if name == "start":
        return _started(rest)
    return Text(f"/{name} {rest}".strip())


def _started(payload: str) -> Body:
    """``/start``: an arrival, or the entry a link leads to. Other payloads only tell where the link was, say a poster."""
    entry = _ENTRY.fullmatch(payload)
    return Press(f"#{entry[1]}") if entry else Event.ARRIVED


def _press(query: CallbackQuery, account: str) -> tuple[Person, Body] | None:
    if query.data is None or query.from_user.is_bot:
        return None
    chat = query.message.chat if query.message else None
    private = chat is None or chat.type == ChatType.PRIVATE
    return _person(account, chat and chat.id, query.from_user.id, private), Press(_clean(query.data))


def _member(change: ChatMemberUpdated, account: str) -> tuple[Person, Body] | None:
    """Blocked or unblocked. In groups it says nothing about the person."""
    if change.chat.type != ChatType.PRIVATE:
        return None
    events: dict[str, Event] = {ChatMemberStatus.BANNED: Event.LEFT, ChatMemberStatus.MEMBER: Event.ARRIVED}
    event = events.get(change.new_chat_member.status)
    return None if event is None else (_person(account, None, change.chat.id, True), event)


def _destination(update: Update, person: Person) -> Destination:
    to = destination(person)
    native = update.message or (update.callback_query.message if update.callback_query else None)
    if not isinstance(native, Native):
        return to
    thread = _whole(native.message_thread_id) if native.is_topic_message else None
    answers = update.message is not None and not to.private
    return Destination(to.chat, to.private, thread, _whole(native.message_id) if answers else None)


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise MalformedError("not a number")
    return value


def _clean(text: str) -> str:
    """Without what a database cannot store: NUL, and halves of a character."""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
