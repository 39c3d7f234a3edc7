"""The table of contents of the product: everything the bot can do, one line each."""

from __future__ import annotations

from bot.handlers import (
    applications,
    cases,
    data,
    decisions,
    eligibility,
    fees,
    filings,
    handoff,
    menu,
    nice,
    numbers,
    points,
    questions,
    reports,
    soon,
    staff,
    status,
    supervision,
    talk,
)
from bot.routes import Answer, FormKind, Route

ROUTES: tuple[Route, ...] = (
    Route("menu", menu.menu, ("菜单", "/menu", "主菜单", "首页", "目录")),
    Route("menu", menu.group, ("大类",), argument=True),
    Route("menu", menu.topic, ("主题",), argument=True),
    Route("help", talk.help, ("帮助", "/help", "help")),
    Route("greet", talk.greet, ("你好", "/start")),
    Route("nearest_point", points.nearest, ("附近网点", "/points", "网点"), argument=True),
    Route("point_info", points.info, ("网点详情",), argument=True),
    Route("number_check", numbers.check, ("号码核对", "/number", "号码校验"), argument=True),
    Route("nice_class", nice.classes, ("类别查询", "/class", "商标类别", "尼斯分类"), argument=True),
    Route("fee_calculator", fees.fees, ("费用计算", "/fee", "算费用"), argument=True),
    Route("human", handoff.human, ("转人工", "/human", "人工")),
    Route("delete_data", data.held, ("我的数据", "/privacy")),
    Route("delete_data", data.erase, ("删除我的数据", "/delete")),
    Route("eligibility", eligibility.eligibility, (eligibility.COMMAND, "费减资格", "/eligibility")),
    Route("apply", applications.apply, (applications.COMMAND, "/apply", "申报")),
    Route("apply", applications.correct, ("补正",), argument=True),
    Route("apply", supervision.calls, ("申报通知",)),
    Route("application_status", status.status, ("进度", "/status"), argument=True),
    Route("renew", filings.renew, ("网点续期",)),
    Route("change_filing", filings.change, ("变更报备",)),
    Route("change_filing", filings.confirm_contact, ("核对联系方式",)),
    Route("annual_report", reports.report, (reports.COMMAND,)),
    Route("annual_report", reports.overdue, ("逾期名单",)),
    Route("point_info", supervision.register_list, ("网点名单",)),
    Route("point_info", supervision.covered_places, ("网点分布",)),
    Route("staff", cases.todo, ("待办",)),
    Route("staff", cases.case, ("案件",), argument=True),
    Route("staff", cases.materials, ("材料",), argument=True),
    Route("staff", supervision.make_call, ("发布申报通知",)),
    Route("staff", supervision.certify_all, ("批量认定",)),
    Route("staff", supervision.publish, ("发布名单",)),
    Route("staff", supervision.standouts, ("推荐名单",)),
    Route("staff", staff.workbench, ("工作台", "/staff")),
    Route("staff", staff.bind, ("绑定", "/bind"), argument=True),
    Route("staff", staff.invite, ("邀请",)),
    Route("staff", staff.colleagues, ("工作人员",)),
    Route("staff", staff.end, ("停用",), argument=True),
    Route("staff", staff.hand_over, ("移交",)),
    Route("staff", staff.leave, ("离任",)),
    Route("language", talk.language, ("语言", "/language")),
    *(
        Route(intent, handler, _words)
        for intent, handler, _words in (
            ("patent_search", soon.HANDLERS["patent_search"], ("专利查询",)),
            ("trademark_search", soon.HANDLERS["trademark_search"], ("商标查询",)),
            ("gi_search", soon.HANDLERS["gi_search"], ("地理标志查询",)),
        )
    ),
    *(Route(intent, handler) for intent, handler in soon.HANDLERS.items()),
)

# what is answered without a word of the table: arriving, unfolding, an entry by its id, a free question, a location
ARRIVED: Answer = talk.greet
MORE: Answer = questions.more
ENTRY: Answer = questions.entry
QUESTION: Answer = questions.answer
SHARED_PLACE = points.shared
_FORMS: tuple[FormKind, ...] = (
    points.FORM,
    data.FORM,
    numbers.FORM,
    nice.FORM,
    fees.FORM,
    eligibility.FORM,
    *applications.FORMS,
    status.FORM,
    *filings.FORMS,
    *reports.FORMS,
    decisions.FORM,
    *supervision.FORMS,
    *staff.FORMS,
)
FORMS: dict[str, FormKind] = {form.name: form for form in _FORMS}

# the menu of a channel that has one: a command word of the table without its slash, and what it is for
COMMANDS = (
    ("menu", "菜单"),
    ("points", "找最近的网点"),
    ("number", "核对号码"),
    ("class", "商标选哪一类"),
    ("fee", "算专利费、商标费"),
    ("human", "找人帮忙"),
    ("cancel", "取消正在办理的事"),
    ("help", "怎么用"),
    ("privacy", "我的数据"),
    ("delete", "删除我的数据"),
    ("language", "语言"),
)
