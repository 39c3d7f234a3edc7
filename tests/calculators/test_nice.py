"""Nice classes from everyday words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.calculators.nice import NiceTable, classes_of, companions, goods_in
from bot.knowledge.classes import read_classes

CONTENT = Path(__file__).parents[2] / "content"

# as people say it: goods and services, and the class they are filed in
EVERYDAY = """
我卖葡萄干 29 | 自家地里的鲜葡萄 31 | 酿的葡萄酒 33 | 烤馕 30 | 开了个馕店堂食 43 | 若羌灰枣 29 | 鲜枣 31 | 炒核桃仁 29
核桃油 29 | 巴旦木 29
薰衣草精油香薰用的 3 | 薰衣草花束 31 | 手工皂 3 | 番茄酱出口 29 | 番茄沙司 30 | 番茄汁饮料 32 | 皮棉 22 | 棉纱 23 | 纯棉面料 24 | 棉花被 24
童装 25 | 和田玉手镯 14 | 和田地毯 27 | 艾德莱斯绸 24 | 艾德莱斯裙 25 | 花帽 25 | 手工刺绣 26 | 带团旅游的旅行社 39
直播带货 35 | 抖音店 35
拌面馆 43 | 大盘鸡店 43 | 民宿 43 | 驼奶粉 29 | 酸奶疙瘩 29 | 牛肉干 29 | 马肠子 29 | 活羊 31 | 种马 31 | 伊犁黑蜂蜂蜜 30
东北大米 30 | 葵花籽油 29 | 瓜子 29 | 孜然粉 30 | 辣椒酱 30 | 啤酒花 31 | 冰川矿泉水 32 | 沙棘汁 32 | 英吉沙小刀 8 | 都塔尔 15
白酒 33 | 格瓦斯 32 | 羊毛 22 | 驼绒 22 | 采棉机 7 | 手机app 9 | 石油 4 | 煤炭 4 | 冷链物流 39 | 农产品检测 42
化肥 1 | 农药 5 | 油漆 2 | 不锈钢门窗 6 | 眼镜 10 | 太阳能热水器 11 | 电动车 12 | 烟花 13 | 笔记本电脑 9 | 明信片 16
滴灌带 17 | 双肩背包 18 | 瓷砖 19 | 实木家具 20 | 保温杯 21 | 帐篷 22 | 毛线 23 | 毛巾 24 | 运动鞋 25 | 儿童玩具 28
面包 30 | 绿茶 30 | 香烟 34 | 小额贷款 36 | 装修公司 37 | 光伏安装 37 | 保洁 37 | 榨油坊 40 | 英语培训班 41 | 健身房 41
网站设计 42 | 软件开发 42 | 酒店 43 | 理发店 44 | 美容院 44 | 中医诊所 44 | 律师事务所 45 | 保安公司 45 | 物业管理 36 | 奶茶店 43
"""
CASES = [
    (words, int(number))
    for words, number in (case.split() for case in EVERYDAY.replace("\n", "|").split("|") if case.strip())
]


@pytest.fixture(scope="module")
def table() -> NiceTable:
    nice, problems = read_classes(CONTENT)
    assert problems == []
    return nice


def test_the_right_class_is_first_or_second_for_at_least_95_of_100(table: NiceTable) -> None:
    assert len(CASES) == 100
    wrong = [(said, number) for said, number in CASES if number not in classes_of(goods_in(said, table))[:2]]
    assert len(wrong) <= 5, wrong


def test_the_table_is_whole(table: NiceTable) -> None:
    assert sorted(table.classes) == list(range(1, 46))
    assert {term.number for term in table.terms.values()} - {None} == set(range(1, 46))
    assert len(table.terms) > 1500


def test_several_at_once(table: NiceTable) -> None:
    goods = goods_in("我卖核桃和核桃油，还开网店", table)
    assert [(named.word, named.term.number) for named in goods] == [("核桃", 29), ("核桃油", 29), ("开网店", 35)]
    assert classes_of(goods) == (29, 35)
    assert companions((29, 35), table)[:2] == (30, 31)


def test_a_verb_before_goods_is_no_service(table: NiceTable) -> None:
    assert classes_of(goods_in("我们种植棉花", table)) == (22,)
    assert classes_of(goods_in("替人做棉花加工", table)) == (40,)


def test_the_head_of_a_compound_is_first(table: NiceTable) -> None:
    assert classes_of(goods_in("汽车维修", table)) == (37, 12)


def test_what_was_not_verified_has_no_class(table: NiceTable) -> None:
    (named,) = goods_in("黑枸杞", table)
    assert named.term.number is None
    assert classes_of((named,)) == ()


@given(text=st.text(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_typed_is_read(table: NiceTable, text: str) -> None:
    for named in goods_in(text, table):
        assert named.word in text.lower()


def test_faults_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "nice"
    folder.mkdir()
    (folder / "classes.csv").write_text(
        "class,kind,heading,companions,source\n46,商品,甲,,出处\n1,商品,,99,\n", "utf-8"
    )
    (folder / "terms.csv").write_text("words,class,also,basis\n馕|馕,30,,\n枣,29,31,类标题\n", "utf-8")
    _, problems = read_classes(tmp_path)
    told = "\n".join(map(str, problems))
    for part in ("“46”应为", "“99”应为", "“馕”只有一个字", "缺少 basis", "also 里的“31”"):
        assert part in told
