"""The table of contents of the product: everything the bot can do, one line each."""

from __future__ import annotations

from bot.handlers import (
    data,
    databases,
    deadlines,
    fees,
    handoff,
    indications,
    menu,
    nice,
    numbers,
    points,
    questions,
    search,
    search_elsewhere,
    search_patents,
    search_trademarks,
    search_works,
    soon,
    staff,
    talk,
)
from bot.routes import Answer, FormKind, Route

ROUTES: tuple[Route, ...] = (
    Route("menu", menu.menu, ("菜单", "/menu", "主菜单", "首页", "目录")),
    Route("menu", menu.tools, ("小工具", "/tools", "工具")),
    Route("menu", menu.group, ("大类",), argument=True),
    Route("menu", menu.topic, ("主题",), argument=True),
    Route("help", talk.help, ("帮助", "/help", "help")),
    Route("greet", talk.greet, ("你好", "/start")),
    Route("nearest_point", points.nearest, ("附近网点", "/points", "网点"), argument=True),
    Route("point_info", points.info, ("网点详情",), argument=True),
    Route("menu", search.menu, ("查询", "/search", "检索")),
    Route("patent_search", search_patents.search, search_patents.SEARCH.commands, argument=True),
    Route("trademark_search", search_trademarks.search, search_trademarks.SEARCH.commands, argument=True),
    Route("gi_search", indications.search, indications.SEARCH.commands, argument=True),
    Route("copyright_search", search_works.search, search_works.SEARCH.commands, argument=True),
    Route("other_search", search_elsewhere.search),
    Route("other_search", search_elsewhere.overseas, ("海外查询",), argument=True),
    Route("other_search", search_elsewhere.rights, ("维权查询", "维权与裁判查询"), argument=True),
    Route("other_search", databases.directory, ("网点数据库",), argument=True),
    Route("number_check", numbers.check, ("号码核对", "/number", "号码校验"), argument=True),
    Route("nice_class", nice.classes, ("类别查询", "/class", "商标类别", "尼斯分类"), argument=True),
    Route("fee_calculator", fees.fees, ("费用计算", "/fee", "算费用"), argument=True),
    Route("deadline_calculator", deadlines.deadlines, ("期限计算", "/deadline", "算期限"), argument=True),
    Route("human", handoff.human, ("转人工", "/human", "人工")),
    Route("delete_data", data.held, ("我的数据", "/privacy")),
    Route("delete_data", data.erase, ("删除我的数据", "/delete")),
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
        for intent, handler, _words in (("eligibility", soon.HANDLERS["eligibility"], ("资格自查", "费减资格")),)
    ),
    *(Route(intent, handler) for intent, handler in soon.HANDLERS.items()),
    # the first route of an intent answers its rules, so that of a button alone stands behind it
    Route("consult", search.result, ("看结果",), argument=True),
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
    search_patents.FORM,
    search_trademarks.FORM,
    indications.FORM,
    search_works.FORM,
    search_elsewhere.FORM,
    deadlines.FORM,
    *staff.FORMS,
)
FORMS: dict[str, FormKind] = {form.name: form for form in _FORMS}

# the menu of a channel that has one: a command word of the table without its slash, and what it is for
COMMANDS = (
    ("menu", "菜单"),
    ("points", "找最近的网点"),
    ("search", "查专利、商标、地理标志"),
    ("number", "核对号码"),
    ("class", "商标选哪一类"),
    ("fee", "算专利费、商标费"),
    ("deadline", "算期限"),
    ("human", "找人帮忙"),
    ("cancel", "取消正在办理的事"),
    ("help", "怎么用"),
    ("privacy", "我的数据"),
    ("delete", "删除我的数据"),
    ("language", "语言"),
)
