"""When two company names are the same, and when they may be."""

import pytest

from app.domain.company_name import folded_name, in_different_places, name_key, regions_of


@pytest.mark.parametrize(
    "variant",
    [
        *(
            "恒达包装（苏州）有限公司",
            "恒达包装(苏州)有限公司",
            " 恒达包装 （苏州） 有限公司 ",
            "恒达包装【苏州】有限公司",
        ),
        *(
            "恒达包装［苏州］有限公司",
            "恒达\u200b包装(苏州)有限公司",
            "恒达包装\u3000(苏州)有限公司",
        ),
    ],
)
def test_width_brackets_and_blanks_make_no_other_company(variant):
    assert folded_name(variant) == "恒达包装(苏州)有限公司"


def test_case_makes_no_other_company():
    assert folded_name("ＡＢＣ Packaging") == folded_name("abc packaging")


def test_another_town_is_another_name():
    assert folded_name("苏州恒达包装") != folded_name("无锡恒达包装")


@pytest.mark.parametrize(
    "name",
    [
        *(
            "恒达包装（苏州）有限公司",
            "苏州恒达包装有限公司",
            "无锡恒达包装有限公司",
            "恒达包装",
            "苏州恒达包装",
        ),
        *(
            "无锡市恒达包装有限责任公司",
            "江苏省苏州市吴江区恒达包装股份有限公司",
            "中国恒达包装（江苏）有限公司",
        ),
        *(
            "苏州工业园区恒达包装有限公司",
            "张家港保税区恒达包装有限公司",
            "昆山市花桥镇恒达包装有限公司",
        ),
        *(
            "恒达包装有限公司（苏州）",
            "恒达包装（江苏苏州）有限公司",
            "恒达包装有限公司苏州分公司",
            "恒达-包装",
        ),
        *("恒 达 包 装 （ 常 熟 ） 有 限 公 司", "上海恒达包装总公司", "太仓恒达包装（有限合伙）"),
    ],
)
def test_names_of_one_core_are_likely_the_same(name):
    assert name_key(name) == "恒达包装"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("苏州有限公司", "苏州"),
        ("苏州", "苏州"),
        ("有限公司", "有限公司"),
        ("恒达（集团）有限公司", "恒达集团"),
        ("恒达彩印有限公司", "恒达彩印"),
        ("苏州包装有限公司", "苏州包装"),  # a mere trade is no name
        ("包装（苏州）有限公司", "苏州包装"),
        ("无锡包装有限公司", "无锡包装"),
        ("苏州区块链有限公司", "区块链"),  # 区 belongs to the word
        ("常州市场研究有限公司", "市场研究"),
        ("Suzhou Hengda Packaging Co., Ltd.", "suzhouhengdapackaging"),
        ("Hengda GmbH", "hengda"),
        ("Zinc", "zinc"),
        ("A.B.C. Inc.", "abc"),
    ],
)
def test_what_the_core_of_a_name_is(name, key):
    assert name_key(name) == key


@pytest.mark.parametrize("name", ["", "（）", "()", "·", "苏", "公司", "(苏州)", "\u200b"])
def test_odd_names_do_no_harm(name):
    assert isinstance(name_key(name), str)
    assert isinstance(regions_of(name), frozenset)


def test_places_are_known_in_front_and_in_brackets():
    assert regions_of("江苏省苏州市吴江区恒达包装有限公司") == {"江苏", "苏州", "吴江"}
    assert regions_of("恒达包装（昆山）有限公司") == {"昆山"}
    assert regions_of("恒达包装有限公司") == frozenset()


@pytest.mark.parametrize(
    ("first", "second", "different"),
    [
        ("苏州恒达包装有限公司", "无锡恒达包装有限公司", True),
        ("恒达包装（苏州）有限公司", "苏州恒达包装有限公司", False),
        ("苏州恒达包装有限公司", "恒达包装有限公司", False),
        ("江苏恒达包装有限公司", "苏州恒达包装有限公司", False),
        ("昆山恒达包装有限公司", "常熟恒达包装有限公司", True),
        ("苏州昆山恒达包装有限公司", "昆山恒达包装有限公司", False),
    ],
)
def test_different_places_of_one_level_mean_two_firms(first, second, different):
    assert in_different_places(first, second) is different


def test_the_key_of_a_key_is_itself_for_ordinary_names():
    for name in (
        "苏州恒达包装有限公司",
        "无锡新华彩印有限公司",
        "上海ABC食品有限公司",
        "东莞市金利纸品厂",
    ):
        assert name_key(name_key(name)) == name_key(name)
