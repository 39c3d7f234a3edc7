"""What differs between installations: each setting with its name, default and help, read once."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. ``name`` is the environment variable's; in the TOML file it stands without IPBOT_, in lower case."""

    name: str
    default: str
    help: str
    secret: bool = False

    @property
    def key(self) -> str:
        return self.name.removeprefix("IPBOT_").lower()


SETTINGS = (
    Setting("IPBOT_CONFIG", "", "TOML file with any of the settings below (keys without IPBOT_, lower case)"),
    Setting(
        "IPBOT_DATABASE_URL", "", "SQLAlchemy URL; empty: SQLite in the user's data folder; postgresql:// means psycopg"
    ),
    Setting("IPBOT_CONTENT", "", "content folder; empty: the one shipped with the program"),
    Setting("IPBOT_HOST", "127.0.0.1", "address the server listens on"),
    Setting("IPBOT_PORT", "8080", "port the server listens on"),
    Setting(
        "IPBOT_ORIGIN",
        "",
        "public address of the web chat, like https://chat.example.cn; empty: any page of the host that is asked",
    ),
    Setting("IPBOT_WEB", "on", "web chat: on or off"),
    Setting("IPBOT_PROXIES", "0", "number of trusted proxies in front (their X-Forwarded-For is believed)"),
    Setting("IPBOT_TELEGRAM_TOKEN", "", "Telegram bot token; empty: Telegram is off", secret=True),
    Setting("IPBOT_TELEGRAM_WEBHOOK", "", "public https address for Telegram's webhook; empty: polling"),
    Setting("IPBOT_TELEGRAM_SECRET", "", "secret of the webhook (1-256 of A-Z a-z 0-9 _ -)", secret=True),
    Setting("IPBOT_TELEGRAM_API", "https://api.telegram.org", "address of the Bot API server"),
    Setting("IPBOT_TELEGRAM_PROXY", "", "proxy for reaching Telegram"),
    Setting(
        "IPBOT_TELEGRAM_REPLIES_A_SECOND",
        "10",
        "messages a second that answer somebody; with the letters at most 30, divided among the serve processes",
    ),
    Setting(
        "IPBOT_TELEGRAM_LETTERS_A_SECOND", "20", "messages a second that the bot sends by itself, in all processes"
    ),
    Setting("IPBOT_WECHAT_TOKEN", "", "WeChat Official Account token; empty: WeChat is off", secret=True),
    Setting("IPBOT_WECHAT_APP_ID", "", "WeChat AppID (needed for compatible and encrypted mode)"),
    Setting("IPBOT_WECHAT_APP_SECRET", "", "WeChat AppSecret of a verified account; empty: it has no API", secret=True),
    Setting("IPBOT_WECHAT_API", "https://api.weixin.qq.com", "address of WeChat's API"),
    Setting(
        "IPBOT_WECHAT_NOTICE",
        "",
        "notice of a letter outside the 48 hours: subscribe:TEMPLATE_ID:thing1=text,time2=time, or template:…; empty: none",
    ),
    Setting("IPBOT_WECHAT_AES_KEY", "", "WeChat EncodingAESKey; empty: plain mode", secret=True),
    Setting("IPBOT_WECHAT_AES_KEY_OLD", "", "the previous EncodingAESKey, still accepted after a change", secret=True),
    Setting(
        "IPBOT_WECHAT_MODE",
        "auto",
        "plain, compatible or encrypted; auto: encrypted when an AES key is set, else plain",
    ),
    Setting("IPBOT_WECHAT_DATUM", "gcj02", "coordinate system of shared locations: gcj02 (map picker) or wgs84"),
    Setting("IPBOT_LETTERS", "on", "whether serve sends letters: on, or off where only worker processes do"),
    Setting("IPBOT_LETTERS_AT_ONCE", "12", "letters of one account that a process sends at the same time"),
    Setting("IPBOT_QUIET_HOURS", "22:00-10:00", "北京时间, when nothing is announced to many; empty: never quiet"),
    Setting("IPBOT_METRICS", "off", "on: /metrics tells Prometheus how the delivery goes; keep it from the public"),
    Setting("IPBOT_RETENTION_DAYS", "180", "days after the last message until a person's data are erased"),
    Setting("IPBOT_QUESTIONS_A_MINUTE", "10", "free questions a minute and person"),
    Setting("IPBOT_REQUESTS_A_MINUTE", "120", "requests a minute and address on the web chat"),
    Setting("IPBOT_FILES", "", "folder of the files made for people; empty: files beside the SQLite database"),
    Setting("IPBOT_FILES_DAYS", "7", "days after which a file made for a person is removed"),
    Setting("IPBOT_SAMPLES", "auto", "sample points: auto (terminal and a web chat on 127.0.0.1 only) or off"),
    Setting(
        "IPBOT_MEANING", "auto", "comparing by meaning where words are not sure: auto (when it is installed) or off"
    ),
    Setting("IPBOT_LOG", "info", "log level: debug, info, warning, error"),
)


class SettingError(ValueError):
    """A setting that cannot be used; the message names it and says what was expected."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The values in force."""

    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def number(self, name: str) -> int:
        """The value as a whole number of zero or more. Raises SettingError."""
        try:
            value = int(self.values[name])
        except ValueError:
            value = -1
        if value < 0:
            raise SettingError(f"{name}={self.values[name]!r}: expected a whole number of 0 or more")
        return value

    def choice(self, name: str, *allowed: str) -> str:
        """The value, one of ``allowed``. Raises SettingError."""
        value = self.values[name].lower()
        if value not in allowed:
            raise SettingError(f"{name}={self.values[name]!r}: expected one of {', '.join(allowed)}")
        return value

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL, with the driver named."""
        url = self.values["IPBOT_DATABASE_URL"]
        if not url:
            return f"sqlite:///{data_folder() / 'ipbot.sqlite3'}"
        for scheme in ("postgresql://", "postgres://"):
            if url.startswith(scheme):
                return "postgresql+psycopg://" + url.removeprefix(scheme)
        return url

    @property
    def files(self) -> Path:
        """The folder of files: the configured one, else beside the SQLite database, else in the user's data folder."""
        if self.values["IPBOT_FILES"]:
            return Path(self.values["IPBOT_FILES"]).absolute()
        scheme, _, database = self.database_url.partition("///")
        beside = Path(database.partition("?")[0]) if scheme == "sqlite:" and database not in ("", ":memory:") else None
        return (beside.absolute().parent if beside else data_folder()) / "files"

    @property
    def origin(self) -> str:
        """The public address, without a slash at its end; empty when there is none."""
        return self.values["IPBOT_ORIGIN"].rstrip("/")

    @property
    def content(self) -> Path:
        """The content folder: the configured one, else the wheel's copy, else the checkout's."""
        if self.values["IPBOT_CONTENT"]:
            folder = Path(self.values["IPBOT_CONTENT"])
            if not (folder / "faq").is_dir():
                raise SettingError(f"IPBOT_CONTENT={folder}: expected a folder with faq/ in it")
            return folder
        package = Path(__file__).parent
        shipped = package / "_content"
        return shipped if shipped.is_dir() else package.parent / "content"


def data_folder() -> Path:
    """The user's data folder for ipbot (not created here)."""
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "ipbot"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "ipbot"


def cache_folder() -> Path:
    """The user's cache folder for ipbot (not created here)."""
    if os.name == "nt":
        return data_folder() / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ipbot"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from the environment over those of the TOML file over the defaults. Raises SettingError."""
    values = {s.name: s.default for s in SETTINGS}
    file = environment.get("IPBOT_CONFIG", "")
    if file:
        values |= _read_file(Path(file))
    known = set(values)
    for name, value in environment.items():
        if name in known:
            values[name] = value
    return Settings(values)


def _read_file(path: Path) -> dict[str, str]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingError(f"IPBOT_CONFIG={path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"IPBOT_CONFIG={path}: is not TOML ({error})") from error
    by_key = {s.key: s for s in SETTINGS}
    values = {}
    for key, value in table.items():
        if key not in by_key:
            raise SettingError(f"{path}: unknown setting {key!r}")
        if isinstance(value, dict | list):
            raise SettingError(f"{path}: {key} should be a text, number or true/false")
        text = {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
        values[by_key[key].name] = text
    return values
