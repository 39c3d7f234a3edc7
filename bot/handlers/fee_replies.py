"""What is said of fees that were added up: lines, sums with and without the reduction, annuities and when they are due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.calculators.annuities import (
    REDUCED_YEARS,
    Due,
    Expired,
    Lapsed,
    annuity,
    bands,
    last_year,
    next_annuity,
    surcharge,
    year_of,
)
from bot.calculators.fees import CODES, Bill, Line, Prices, Share, Way, filing, registration, trademark
from bot.calculators.numbers import Kind
from bot.calculators.pictures import draw_table, find_font
from bot.calculators.workdays import Period, Unit, corresponding
from bot.desk import Desk
from bot.handlers.days import UNPUBLISHED, on_weekday
from bot.handlers.replies import cite, offers
from bot.messages import Citation, File, Option, Reply

_REDUCTION = "专利收费减缴办法 第二条"
_RATES = "专利收费减缴办法 第四条"
_SURCHARGE = "专利法实施细则 第一百一十五条"
_OFFICIAL = "以官方缴费通知和网上缴费系统显示的为准。"
_WHO = "patent-reduction-who"
_NEW_LAW = date(2027, 1, 1)
# matters whose price has a row of its own for each kind of patent, and what it is called there
_OTHER = {
    "reexam": "patent-reexam-{kind}",
    "invalid": "patent-invalid-{kind}",
    "change": "patent-change",
    "restore-fee": "patent-restore-fee",
    "evaluation-report-fee": "patent-evaluation-report-fee",
    "extension-first": "patent-extension-first",
}


def _prices(desk: Desk) -> Prices:
    return desk.library.content.figures.prices_on(desk.day)


def _grounds(bill: Bill, desk: Desk, *more: str) -> tuple[Citation, ...]:
    return cite(desk, *(line.price.basis for line in bill.lines), *more)


def _line(line: Line) -> str:
    times = f" × {line.count}" if line.count > 1 else ""
    return f"· {line.price.item}：{line.price.yuan}元{times}" + (f" = {line.yuan}元" if line.count > 1 else "")


def patent_filing(wants: Mapping[str, Any], desk: Desk) -> Reply:
    """Filing (an invention up to substantive examination), in full and reduced."""
    kind, prices = Kind(wants["kind"]), _prices(desk)
    claims, pages = wants.get("claims", 0), wants.get("pages", 0)
    priorities = wants.get("priorities", 0)
    bills = {share: filing(kind, prices, share, claims, pages, priorities) for share in Share}
    share = Share(wants.get("share", ""))
    upto = "申请到实质审查" if kind is Kind.INVENTION else "申请"
    head = {
        Share.FULL: f"{kind}专利{upto}，官费共 {bills[Share.FULL].yuan} 元：",
        Share.ONE: f"{kind}专利{upto}，减缴85%后官费共 {bills[Share.ONE].yuan} 元（不减是 {bills[Share.FULL].yuan} 元）：",
        Share.SEVERAL: f"{kind}专利{upto}，减缴70%后官费共 {bills[Share.SEVERAL].yuan} 元（不减是 {bills[Share.FULL].yuan} 元）：",
    }[share]
    lines = [head, *map(_line, bills[share].lines)]
    if share is Share.FULL:
        lines.append(
            f"符合费减条件的：单个申请人减85%，共 {bills[Share.ONE].yuan} 元；"
            f"两个以上共同申请人都符合的减70%，共 {bills[Share.SEVERAL].yuan} 元。"
        )
    assumed = (
        []
        if kind is Kind.DESIGN
        else [
            *([] if claims else ["权利要求不超过10项"]),
            *([] if pages else ["说明书不超过30页"]),
        ]
    )
    assumed += [] if priorities else ["不要求优先权"]
    lines.append((f"按{'、'.join(assumed)}算；" if assumed else "") + "授权时另缴授权当年的年费。")
    more = (
        "减缴只管申请费、实质审查费、复审费和授权当年起10年内的年费；公布印刷费、附加费、优先权要求费不减。" + _OFFICIAL
    )
    return Reply(
        "\n".join(lines),
        more=more,
        citations=_grounds(bills[share], desk, _REDUCTION, _RATES),
        options=(Option(f"{kind}年费表", f"费用计算 {kind}年费表"), *offers((f"#{_WHO}",), desk)),
    )


def annual(wants: Mapping[str, Any], desk: Desk) -> Reply:
    """One year's annuity, the table of all years, or the next payment."""
    kind = Kind(wants["kind"])
    days = [date.fromisoformat(day) for day in wants.get("days", ())]
    if len(days) == 2 and wants.get("year") != "all" and days[0] <= days[1] <= desk.day:
        return _next(kind, days[0], days[1], Share(wants.get("share", "")), desk)
    if isinstance(wants.get("year"), int):
        return _of_year(kind, wants, desk)
    return _table(kind, desk)


def _of_year(kind: Kind, wants: Mapping[str, Any], desk: Desk) -> Reply:
    year, prices, last = wants["year"], _prices(desk), last_year(kind)
    if not 1 <= year <= last:
        return Reply(
            f"{kind}专利最长 {last} 年，年费是第1年到第{last}年，没有第{year}年。",
            citations=cite(desk, "专利法 第四十二条"),
            options=(Option(f"{kind}年费表", f"费用计算 {kind}年费表"),),
        )
    full, one, several = (annuity(kind, year, prices, share) for share in Share)
    lines = [
        f"{kind}专利第{year}年年费 {full.yuan} 元。",
        f"费减期内（授权当年起10年）：单个专利权人减85%，{one.yuan} 元；共有且都符合的减70%，{several.yuan} 元。",
    ]
    months = wants.get("late")
    if isinstance(months, int) and months >= 1:
        if months > 6:
            lines.append("超过6个月的补缴期，专利权已经自应当缴费期满之日起终止，不能再用滞纳金补。")
        else:
            due = date(desk.day.year - 1, 1, 1)
            late = surcharge(full.yuan, due, corresponding(due, Period(months, Unit.MONTHS)))
            more_late = surcharge(full.yuan, due, corresponding(due, Period(months + 1, Unit.MONTHS)))
            lines.append(
                f"超期满{months}个月当天及以前缴，滞纳金 {late} 元；"
                + (
                    f"过了{months}个月、{months + 1}个月以内缴，滞纳金 {more_late} 元。"
                    if months < 6
                    else "再晚就不能补了。"
                )
                + "滞纳金按全额年费算，不打折。"
            )
    else:
        lines.append("在上一年度期满前缴；晚了6个月内可补，第1个月不收滞纳金，以后每超1个月加收全额年费的5%。")
    return Reply(
        "\n".join(lines),
        more="年度从申请日起算。发申请日和授权公告日给我，可以算出下一次哪天前交、交多少。" + _OFFICIAL,
        citations=cite(desk, full.price.basis, _SURCHARGE, _RATES),
        options=(Option(f"{kind}年费表", f"费用计算 {kind}年费表"), *offers((f"#{_WHO}",), desk)),
    )


def _table(kind: Kind, desk: Desk) -> Reply:
    prices = _prices(desk)
    rows = bands(kind, prices)
    lines = [f"{kind}专利年费（每年，元）：全额 / 减85% / 减70%"]
    lines += [f"第{b.first}-{b.last}年：{b.full} / {b.one} / {b.several}" for b in rows]
    total = sum(b.full * (b.last - b.first + 1) for b in rows)
    lines.append(f"全部 {rows[-1].last} 年全额合计 {total} 元；减缴只到授权当年起第10年。")
    if kind is Kind.DESIGN:
        lines.append("2021年6月1日以前申请的外观设计保护10年，没有第11-15年。")
    return Reply(
        "\n".join(lines),
        more="在上一年度期满前缴；晚了6个月内可补，第1个月不收滞纳金，以后每超1个月加收全额年费的5%，最高25%。"
        + _OFFICIAL,
        citations=cite(desk, annuity(kind, 1, prices).price.basis, _SURCHARGE, _RATES),
        options=offers((f"#{_WHO}",), desk),
        file=_picture(kind, desk),
    )


def _picture(kind: Kind, desk: Desk) -> File | None:
    """The table as a picture; None where no Chinese font is installed."""
    font = find_font()
    if font is None:
        return None
    rows = [("年度", "全额", "减85%", "减70%")]
    rows += [(f"第{b.first}-{b.last}年", f"{b.full}", f"{b.one}", f"{b.several}") for b in bands(kind, _prices(desk))]
    law = desk.library.content.laws["专利收费标准"]
    try:
        picture = draw_table(f"{kind}专利年费（元/年）", rows, f"依据：{law.version}。以官方缴费通知为准。", font)
    except OSError:  # a font that cannot be read: the text says all
        return None
    return desk.files.keep(f"{kind}专利年费表", "image/png", picture, desk.now)


def _next(kind: Kind, filed: date, granted: date, share: Share, desk: Desk) -> Reply:
    """The next payment, and the one after when the person may have paid this one already."""
    prices, holidays = _prices(desk), desk.hours.holidays
    found = next_annuity(kind, filed, granted, desk.day, prices, holidays, share)
    match found:
        case Expired(on):
            text = f"按申请日 {filed} 算，这件{kind}专利的期限到 {on} 为止，没有要缴的年费了。"
            return Reply(text, citations=cite(desk, "专利法 第四十二条"))
        case Lapsed(year, due, last):  # not reached without a word on what was paid; kept for completeness of the union
            text = f"第{year}年年费应在 {due} 前缴，补缴期到 {last} 已过。"
            return Reply(text, citations=cite(desk, _SURCHARGE))
        case Due() as due:
            return _due(kind, due, filed, granted, share, desk)


def _due(kind: Kind, due: Due, filed: date, granted: date, share: Share, desk: Desk) -> Reply:
    prices, holidays = _prices(desk), desk.hours.holidays
    lines = []
    if desk.day <= due.due:
        lines.append(f"下一次缴{kind}专利第{due.year}年年费 {due.line.yuan} 元，最晚 {on_weekday(due.due)}缴。")
    else:
        lines.append(
            f"{kind}专利第{due.year}年年费 {due.line.yuan} 元应在 {on_weekday(due.due)}以前缴。还没缴的，今天缴要加滞纳金 {due.late} 元，"
            f"共 {due.yuan} 元；最晚补到 {on_weekday(due.last)}，过了专利权自应当缴费期满之日起终止。"
        )
        after = next_annuity(kind, filed, granted, desk.day, prices, holidays, share, paid_through=due.year)
        if isinstance(after, Due):
            lines.append(f"已经缴了的，下一次是第{after.year}年 {after.line.yuan} 元，{on_weekday(after.due)}以前。")
    if share is Share.FULL and due.year < _first_unreduced(filed, granted):
        one, several = (annuity(kind, due.year, prices, s).yuan for s in (Share.ONE, Share.SEVERAL))
        lines.append(f"费减备案有效的：减85%是 {one} 元，减70%是 {several} 元。")
    if not due.published:
        lines.append(UNPUBLISHED)
    months = "；".join(f"到{step.until} {step.yuan}元" for step in due.steps)
    return Reply(
        "\n".join(lines),
        more=f"滞纳金：{months}（按全额年费，{_OFFICIAL.rstrip('。')}）。",
        citations=cite(desk, due.full.price.basis, _SURCHARGE, "专利法实施细则 第五条", _RATES),
        options=(Option(f"{kind}年费表", f"费用计算 {kind}年费表"), *offers((f"#{_WHO}",), desk)),
    )


def _first_unreduced(filed: date, granted: date) -> int:
    return year_of(filed, granted) + REDUCED_YEARS


def trademark_fee(matter: str, wants: Mapping[str, Any], desk: Desk) -> Reply:
    """A trademark matter online and on paper, by the schedule in force on the day that was named, else today."""
    days = [date.fromisoformat(day) for day in wants.get("days", ())]
    on = days[0] if days else desk.day
    prices = desk.library.content.figures.prices_on(on)
    classes, goods = wants["classes"], wants.get("goods", 0)
    if f"tm-{matter}-paper" not in prices:
        return Reply(
            f"{on} 的商标收费标准我没有核对过，不能算。现行标准可以直接问我。",
            options=offers(("主题 tm-fee",), desk),
        )
    bills = {}
    for way in Way:
        if matter in ("register", "collective", "certification"):
            bills[way] = registration(prices, way, (max(1, goods),) * classes, matter)
        else:
            bills[way] = trademark(matter, prices, way, classes, late="late" in wants)
    online, paper = bills[Way.ONLINE], bills[Way.PAPER]
    name = online.lines[0].price.item.partition("，")[0]
    lines = [f"{name}，{classes} 个类别：网上申请 {online.yuan} 元，纸质 {paper.yuan} 元。"]
    lines += ["网上（并接受电子发文）：", *map(_line, online.lines)] if len(online.lines) > 1 else []
    if matter == "register":
        lines.append("每类限10个商品，每多1个另加。" if not goods else f"按每类 {goods} 个商品算。")
    if matter == "renew" and "late" not in wants:
        late = trademark(matter, prices, Way.ONLINE, classes, late=True).yuan
        lines.append(f"期满后6个月宽展期内办，要加迟延费，网上共 {late} 元。")
    if on >= _NEW_LAW:
        lines.append("这是现行标准；2027年1月1日新商标法施行后的收费标准还没有看到，到时以公布的为准。")
    return Reply(
        "\n".join(lines),
        more="这是官费，不含代理机构的服务费。" + _OFFICIAL,
        citations=_grounds(online, desk),
        options=offers(("#tm-fee-online", "类别查询"), desk),
    )


def other_fee(matter: str, wants: Mapping[str, Any], desk: Desk) -> Reply:
    """A single fee of a patent, of software or a layout design."""
    prices = _prices(desk)
    kind = Kind(wants["kind"]) if "kind" in wants else None
    price = prices[_OTHER[matter].format(kind=CODES[kind] if kind else "") if matter in _OTHER else matter]
    lines = [f"{price.item}：{price.yuan} 元（{price.unit}）。"]
    if f"{price.id}-85" in prices:
        one, several = prices[f"{price.id}-85"].yuan, prices[f"{price.id}-70"].yuan
        lines.append(f"符合费减条件的：减85%后 {one} 元，减70%后 {several} 元。")
    citations = cite(desk, price.basis)
    if not citations:  # a notice that is not among our laws is named in the text
        lines.append(f"依据：{price.basis}。")
    return Reply("\n".join([*lines, _OFFICIAL]), citations=citations, options=offers(("主题 patent-fee",), desk))
