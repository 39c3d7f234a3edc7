"""Checking a number: whether it was copied right, what it tells, and where to look it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from bot.calculators.numbers import (
    OFFICES,
    Form,
    NotANumber,
    Other,
    Part,
    Reading,
    Right,
    Several,
    WrongDigit,
    WrongLength,
    WrongPart,
    numbers_in,
    read_number,
)
from bot.desk import Desk, Turn
from bot.flow import Ask, Refused, ask, said
from bot.flow import Form as Conversation
from bot.handlers.replies import offers
from bot.messages import Body, Link, Outcome, Reply
from bot.routes import Begin, FormKind, Said

PATENTS = Link("专利检索及分析系统", "https://pss-system.cponline.cnipa.gov.cn/conventionalSearch")
PROGRESS = Link("专利审查信息查询", "https://cpquery.cponline.cnipa.gov.cn/chinesepatent/index")
TRADEMARKS = Link("中国商标网查询", "https://wcjs.sbj.cnipa.gov.cn/")
COPYRIGHT = Link("中国版权保护中心", "https://www.ccopyright.com.cn/")
MOST = 3  # numbers of one message
_ASK = "请发要核对的号码：专利申请号、专利号、公开号、PCT号、商标号、软件登记号都可以。例如 202310123456.6（示例）。"
_COMPARE = "请对照证书或受理通知书再看一遍。"
_RULE = "专利申请号标准（ZC 0006-2003）"


def check(turn: Turn, desk: Desk) -> Begin:
    """Check the numbers that the sentence names; asks for one when it names none."""
    words = turn.argument or turn.said
    found = numbers_in(words)
    if not found and turn.argument:
        found = (turn.argument,)
    return Begin("number_check", {"numbers": list(found[:MOST])})


def _form(desk: Desk, given: Mapping[str, Any]) -> Conversation[Sequence[str]]:
    numbers = tuple(str(number) for number in given.get("numbers", ()))
    readings = [read_number(number, desk.day) for number in numbers]
    if not readings or all(isinstance(reading, NotANumber) for reading in readings):
        why = "".join(f"{instead(reading.what)}\n" for reading in readings[:1] if isinstance(reading, NotANumber))
        numbers = ((yield from ask(Ask(why + _ASK, _reader(desk), takes_number=True))),)
    return numbers


def _reader(desk: Desk) -> Any:
    def read(body: Body) -> Any:
        words = said(body) or ""
        number = next(iter(numbers_in(words)), words)
        match read_number(number, desk.day):
            case NotANumber(what):
                return Refused(instead(what))
        return number

    return read


def instead(what: Other) -> str:
    """What is said when something else stands in the place of a number."""
    match what:
        case Other.PERSONAL:
            return "这像是电话或身份证号，不是专利、商标或登记的号码；这类号码存下来前会遮掉。"
        case Other.CREDIT_CODE:
            return "这像是统一社会信用代码，不是专利、商标或登记的号码。"
        case Other.LONG:
            return "这段话太长，我找不出号码，请只发号码本身。"
        case Other.UNKNOWN:
            return "这里没认出号码。"
        case never:
            assert_never(never)


def _finish(turn: Turn, desk: Desk, given: Mapping[str, Any], numbers: Sequence[str]) -> Said:
    readings = [read_number(number, desk.day) for number in numbers]
    texts = [tell(reading) for reading in readings if not isinstance(reading, NotANumber)]
    reply = Reply(
        "\n\n".join(texts),
        links=links(readings[0]),
        options=offers(("#patent-types-prefix", "菜单") if _is_patent(readings[0]) else ("菜单",), desk),
    )
    asked = not any(not isinstance(read_number(str(n), desk.day), NotANumber) for n in given.get("numbers", ()))
    return Said((reply,), Outcome.DONE if asked else Outcome.ANSWER, slots=slots(readings[0]) if asked else {})


def slots(reading: Reading) -> dict[str, object]:
    """``number``, or ``publication_no``, and ``check_digit_ok`` where the number was typed with its check digit."""
    match reading:
        case Right(Form.PUBLICATION, normal):
            return {"publication_no": normal}
        case Right(_, normal, checked=checked):
            return {"number": normal, **({"check_digit_ok": True} if checked else {})}
        case WrongDigit(_, normal):
            return {"number": normal, "check_digit_ok": False}
        case Several((first, *_)):
            return {"number": first.normal}
    return {}


def _is_patent(reading: Reading) -> bool:
    return isinstance(reading, Right | WrongDigit | WrongLength | WrongPart) and reading.form in (
        Form.APPLICATION,
        Form.GRANT,
        Form.PUBLICATION,
    )


def links(reading: Reading) -> tuple[Link, ...]:
    """Where a number of this form is looked up."""
    match reading:
        case Right(Form.TRADEMARK | Form.MADRID):
            return (TRADEMARKS,)
        case Right(Form.SOFTWARE | Form.CERTIFICATE | Form.WORK) | WrongLength(Form.SOFTWARE | Form.CERTIFICATE):
            return (COPYRIGHT,)
        case Several():
            return (TRADEMARKS, PATENTS)
    return (PATENTS, PROGRESS)


def tell(reading: Reading) -> str:
    """What is said of a number: whether it can be right, and what it tells."""
    match reading:
        case Right():
            return f"{shape(reading)}\n{_next(reading)}"
        case Several(readings):
            return "\n".join(
                [
                    f"{readings[0].normal} 可能是两种号码：",
                    *(f"· {r.form}" + (f"：{_tells(r)}，完整写法 {r.normal}" if r.kind else "") for r in readings),
                    "是哪一种，请看它印在什么证书上。",
                ]
            )
        case WrongDigit(_, normal, typed, expected):
            return (
                f"号码 {normal} 的校验位对不上：最后一位写的是 {typed}，按{_RULE}，其他数字都没错的话应是 {expected}。"
                f"可能抄错了，也可能号码是编的；错在哪一位我不猜，{_COMPARE}"
            )
        case WrongLength(form, normal, digits, (usual, before)):
            when = "2003年10月以前" if form in (Form.APPLICATION, Form.GRANT) else "以前"
            having = "含最后一位校验位" if form in (Form.APPLICATION, Form.GRANT) else "只数流水号"
            return (
                f"号码 {normal} 有 {digits} 位数字，{form}应是 {usual} 位（{when}是 {before} 位，{having}）。{_COMPARE}"
            )
        case WrongPart(form, normal, part, typed):
            return f"号码 {normal} 不像{form}：{part}“{typed}”{_WRONG[part]}。{_COMPARE}"
        case NotANumber(what):
            return instead(what)
        case WrongLength(form, normal, digits):
            return f"号码 {normal} 有 {digits} 位数字，和{form}的位数不符。{_COMPARE}"
        case never:
            assert_never(never)


_WRONG = {
    Part.YEAR: "不在可能的年份里",
    Part.KIND: "不是发明、实用新型或外观设计的代号",
    Part.LETTER: "和号码开头的类型不一致",
}


def shape(right: Right) -> str:
    """Whether a number was copied right, as far as that can be told, and what it says."""
    told = _tells(right)
    tail = f"。它说的是：{told}。" if told else "。"
    match right.form:
        case Form.APPLICATION | Form.GRANT if right.checked:
            return f"号码 {right.normal} 的校验位是对的（{_RULE}）{tail}"
        case Form.APPLICATION | Form.GRANT:
            return f"这个号码没有写校验位；按{_RULE}，完整的号码是 {right.normal}{tail}"
        case Form.TRADEMARK | Form.MADRID | Form.WORK:
            return f"{right.normal} 看起来是{right.form}；这种号码没有我能核对的校验规则{tail}"
    return f"{right.normal} 的写法符合{right.form}；它没有校验位，抄没抄错我看不出{tail}"


def _tells(right: Right) -> str:
    """Year, kind, stage and country, as far as the number says them."""
    if right.form in (Form.APPLICATION, Form.GRANT):
        entered = "PCT 国际申请进入中国的" if right.entered else ""
        patent = "专利（ZL 表示已授权）" if right.form is Form.GRANT else "专利申请"
        return f"{right.year} 年提出的{entered}{right.kind}{patent}"
    if right.form is Form.PUBLICATION:
        return right.stage or f"{right.kind}专利的文献"
    office = OFFICES.get(right.office, right.office) if right.office != "CN" else ""
    if right.form is Form.INTERNATIONAL:
        return f"{right.year} 年在{office or '中国'}提出的国际申请"
    if right.form is Form.INTERNATIONAL_PUBLICATION:
        return f"{right.year} 年由世界知识产权组织公布"
    if right.form is Form.FOREIGN:
        return f"{office}的专利文献"
    return f"{right.year} 年登记" if right.year else ""


def _next(right: Right) -> str:
    if right.form in (Form.TRADEMARK, Form.MADRID):
        return "是哪个商标、有没有效，请在中国商标网查（要先登录）。"
    if right.form in (Form.SOFTWARE, Form.CERTIFICATE, Form.WORK):
        return "有没有这项登记，请向登记机构查证。"
    return "这只说明号码写得对；有没有这件专利、现在还有没有效，请在官方系统查。"


FORM = FormKind("number_check", "number_check", "号码核对", _form, _finish)
