"""What a number of a register is read as: its form, what it tells, or what in it cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Of a patent."""

    INVENTION = "发明"
    UTILITY = "实用新型"
    DESIGN = "外观设计"


class Form(StrEnum):
    """What a number counts."""

    APPLICATION = "专利申请号"
    GRANT = "专利号"
    PUBLICATION = "专利公开（公告）号"
    INTERNATIONAL = "PCT国际申请号"
    INTERNATIONAL_PUBLICATION = "PCT国际公布号"
    FOREIGN = "外国或地区专利文献号"
    TRADEMARK = "商标申请号或注册号"
    MADRID = "商标国际注册号"
    SOFTWARE = "软件著作权登记号"
    CERTIFICATE = "软件著作权证书号"
    WORK = "作品登记号"


class Part(StrEnum):
    """What of a number cannot be."""

    YEAR = "年份"
    KIND = "类型位"
    LETTER = "种类代码"


class Other(StrEnum):
    """What was written in the place of a number."""

    PERSONAL = "电话或身份证号"
    CREDIT_CODE = "统一社会信用代码"
    LONG = "长文字"
    UNKNOWN = "认不出"


@dataclass(frozen=True, slots=True)
class Right:
    """A number that can be right. ``normal`` is how registers write it, with the check digit where the rule gives one.

    ``checked`` says that it was typed with its check digit (and that this is right); ``entered`` that it is of a PCT
    application that entered the national phase in China; ``office`` is the two-letter code of the country.
    """

    form: Form
    normal: str
    kind: Kind | None = None
    year: int | None = None
    stage: str = ""
    office: str = "CN"
    checked: bool = False
    entered: bool = False


@dataclass(frozen=True, slots=True)
class WrongDigit:
    """The check digit is not the one that the other digits want."""

    form: Form
    normal: str
    typed: str
    expected: str


@dataclass(frozen=True, slots=True)
class WrongLength:
    """So many digits no number of this form has; ``expected`` counts them with the check digit."""

    form: Form
    normal: str
    digits: int
    expected: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WrongPart:
    """A part that cannot be: a year to come, a kind that there is not, a letter that belongs to another kind."""

    form: Form
    normal: str
    part: Part
    typed: str


@dataclass(frozen=True, slots=True)
class Several:
    """A number that may be of several forms, the likelier first."""

    readings: tuple[Right, ...]


@dataclass(frozen=True, slots=True)
class NotANumber:
    """Something else than a number of a register."""

    what: Other


Reading = Right | WrongDigit | WrongLength | WrongPart | Several | NotANumber

OFFICES = {
    "US": "美国",
    "EP": "欧洲专利局",
    "JP": "日本",
    "KR": "韩国",
    "DE": "德国",
    "FR": "法国",
    "GB": "英国",
    "CA": "加拿大",
    "AU": "澳大利亚",
    "RU": "俄罗斯",
    "KZ": "哈萨克斯坦",
    "KG": "吉尔吉斯斯坦",
    "UZ": "乌兹别克斯坦",
    "EA": "欧亚专利组织",
    "IN": "印度",
    "BR": "巴西",
    "TW": "中国台湾",
    "HK": "中国香港",
    "WO": "世界知识产权组织",
}
