"""Files on both ways: what the bot hands out (outgoing), and what people send it (incoming, uploads)."""

from bot.files.incoming import Arrival, Incoming, TooLargeError
from bot.files.names import clean_name
from bot.files.outgoing import Files
from bot.files.uploads import LINK_HOURS, Invitation, Stored, Uploads

__all__ = [
    "LINK_HOURS",
    "Arrival",
    "Files",
    "Incoming",
    "Invitation",
    "Stored",
    "TooLargeError",
    "Uploads",
    "clean_name",
]
