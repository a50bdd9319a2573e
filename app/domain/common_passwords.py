"""Passwords that attackers of Chinese systems try first: words, walks, dates, numbers.

A password is *guessable* if, with all of these taken out, next to nothing is left of it. zxcvbn,
which knows no pinyin, gives Woaini1314!, Huawei@123 and 13812345678@a three of four points.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from app.domain.pinyin import full_pinyin
from app.domain.regions import COUNTIES, PREFECTURES, PROVINCES

#: So many letters and digits must be left when everything known is taken out.
MIN_RESIDUE = 4

_WORDS = """
woaini woaiwojia woaiwode aini aiwo wodemima wode nihao nimei mima mimashi denglu yonghu guanli
houtai guanliyuan gongsi youxian youxiangongsi baozhuang yinshua caixiang caihe zhixiang zhihe
kehu dingdan jingli caiwu xiaoshou gendan caigou shengchan cangku laoban zhongguo zhonghua beijing
china facai gongxi kuaile shengri xinnian pingan jiayou laopo laogong baobei baobao mama baba
xiaoming xiaoxiao wang zhang chen yang huang zhao zhou zhangsan lisi wangwu zhangwei wangwei
wangfang liwei lina password passw0rd passwd pass pwd admin administrator root super user guest
test demo temp welcome login letmein iloveyou ilove love dragon monkey master sunshine princess
football baseball superman batman hello world secret changeme change default public company office
system server manager sales finance security auditor clerk viewer oracle mysql sqlserver linux
windows microsoft google apple iphone facebook samsung computer internet money lucky happy angel
killer shadow michael jordan huawei xiaomi tencent alibaba aliyun taobao tmall baidu weixin wechat
douyin jingdong meituan lenovo haier midea gree oppo vivo honor sina weibo netease alipay zhifubao
didi pinduoduo kuaishou hikvision dahua inspur tplink cisco juniper dell h3c zte ruijie kingdee
yonyou jindie bytedance hello123 我爱你 密码 中国 公司 包装 印刷 彩箱 彩盒 管理员 登录 客户 订单
生日快乐 新年快乐 520 521 1314 5201314 5211314 201314 168 1688 1588 518 9527 147258 147258369
159357 159753 112233 110 119 007 369 258 147 qq a1b2c3 aa11 abc123 qwe123 asd123 zxc123 wasd
"""
#: Keys in a row, digits and letters in order; read both ways.
_WALKS = (
    "`1234567890-=",
    "~!@#$%^&*()_+",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "!qaz@wsx#edc$rfv%tgb^yhn&ujm",
    "qazwsxedcrfvtgbyhnujm",
    "qawsedrftgyhujikolp",
    "zaqxswcdevfrbgtnhymju",
    "147258369",
    "741852963",
    "13579",
    "24680",
)
_SHORTEST_WALK = 3
_DATE = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_PATTERNS = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"1[3-9]\d{9}",  # a mobile number
        rf"(?:19|20)?\d\d{_DATE}",  # a birthday
        r"(?:19|20)\d\d",  # a year
        r"(.)\1\1+",  # aaa, 8888
        r"(..+?)\1+",  # abab, 123123
    )
)
#: What stands for a letter inside a word.
_LEET = str.maketrans("@4031!$5", "aaoeiiss")
_LEET_IN_WORD = re.compile(r"[@4031!$5](?=[a-z])")


def is_guessable(password: str, more_words: Iterable[str] = ()) -> bool:
    """Tell whether *password* is made of common words, *more_words*, walks, dates and numbers.

    *more_words* are what is known about the person and the company, in lower case.
    """
    text = password.casefold()
    words = [*_words(), *more_words]
    spoken = _LEET_IN_WORD.sub(lambda sign: sign[0].translate(_LEET), text)
    variants = {text, spoken, text.translate(_LEET)}
    return any(_residue(variant, words) < MIN_RESIDUE for variant in variants)


@cache
def _words() -> tuple[str, ...]:
    """Return the common words, with the pinyin of every place worth naming."""
    places = {full_pinyin(name) for name in (*PROVINCES, *PREFECTURES, *COUNTIES)}
    return (*_WORDS.split(), *sorted(place for place in places if len(place) >= MIN_RESIDUE))


def _residue(text: str, words: Iterable[str]) -> int:
    """Return how many letters and digits of *text* belong to nothing known."""
    covered: set[int] = set()
    for start, end in (*_spans_of_words(text, words), *_spans_of_patterns(text), *_walks(text)):
        covered.update(range(start, end))
    return sum(c.isalnum() for at, c in enumerate(text) if at not in covered)


def _spans_of_words(text: str, words: Iterable[str]) -> Iterator[tuple[int, int]]:
    for word in words:
        at = text.find(word) if word else -1
        while at >= 0:
            yield at, at + len(word)
            at = text.find(word, at + 1)


def _spans_of_patterns(text: str) -> Iterator[tuple[int, int]]:
    for pattern in _PATTERNS:
        for found in pattern.finditer(text):
            # Of a repetition the first round still counts as something one must know.
            start = found.end(1) if pattern.groups and len(found[1]) > 1 else found.start()
            yield start, found.end()


def _walks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches of *text* that run along a keyboard, the alphabet or the digits."""
    for start in range(len(text) - _SHORTEST_WALK + 1):
        end = start + _SHORTEST_WALK
        while end <= len(text) and _is_walk(text[start:end]):
            end += 1
        if end - 1 - start >= _SHORTEST_WALK:
            yield start, end - 1


def _is_walk(piece: str) -> bool:
    return any(piece in line or piece[::-1] in line for line in _WALKS)
