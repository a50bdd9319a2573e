"""Words for demo data: places, trades, people and boxes of a Suzhou box factory's customers.

The firms are put together from words and exist nowhere. Telephone numbers begin like numbers that
nobody was given, mail and web addresses end in ``example.com``.
"""

# ruff: noqa: SIM905 - words are read more easily than a thousand quotation marks

from dataclasses import dataclass
from functools import cache
from itertools import product

from app.domain import regions


@dataclass(frozen=True, slots=True)
class Place:
    """Where a firm sits: *prefix* as its name carries it, *area* of its telephone, *code* of its licence."""

    prefix: str
    province: str
    city: str
    district: str
    area: str
    code: str


@dataclass(frozen=True, slots=True)
class Trade:
    """What a firm trades in: as in its name, the key of its industry, and what is in the boxes."""

    word: str
    industry: str


PLACES = tuple(
    Place(*line.split())
    for line in """\
苏州 江苏省 苏州市 姑苏区 0512 320508
昆山 江苏省 苏州市 昆山市 0512 320583
常熟市 江苏省 苏州市 常熟市 0512 320581
苏州工业园区 江苏省 苏州市 工业园区 0512 320594
太仓市 江苏省 苏州市 太仓市 0512 320585
张家港市 江苏省 苏州市 张家港市 0512 320582
苏州市吴中区 江苏省 苏州市 吴中区 0512 320506
吴江 江苏省 苏州市 吴江区 0512 320509
上海 上海市 上海市 嘉定区 021 310114
无锡 江苏省 无锡市 新吴区 0510 320214
苏州市相城区 江苏省 苏州市 相城区 0512 320507
昆山市 江苏省 苏州市 昆山市 0512 320583
苏州高新区 江苏省 苏州市 虎丘区 0512 320505
常熟 江苏省 苏州市 常熟市 0512 320581
江阴市 江苏省 无锡市 江阴市 0510 320281
苏州市 江苏省 苏州市 吴中区 0512 320506
太仓 江苏省 苏州市 太仓市 0512 320585
上海市松江区 上海市 上海市 松江区 021 310117
张家港 江苏省 苏州市 张家港市 0512 320582
苏州市吴江区 江苏省 苏州市 吴江区 0512 320509
宜兴市 江苏省 无锡市 宜兴市 0510 320282
常州 江苏省 常州市 武进区 0519 320412
昆山花桥 江苏省 苏州市 昆山市 0512 320583
无锡市 江苏省 无锡市 锡山区 0510 320205
上海市青浦区 上海市 上海市 青浦区 021 310118
嘉兴 浙江省 嘉兴市 秀洲区 0573 330411
南通 江苏省 南通市 崇川区 0513 320602
""".splitlines()
)

#: First and second characters of the firms' names.
_FIRST = (
    "云松竹荷枫橙鹭鹤雁鲤莺燕萤蝶桂梅兰菊葵苇芦茉樱桃杏梨柚榴棠槐柳桐楠樟檀橡杉禾麦稻"
    "谷泉溪涧渚汀澜湖浦江河海沙石砚墨纸笔琴棋诗书画茶瓷陶玉银金锦绣绫罗绸缎帆舟桥塔亭"
    "楼阁轩廊园圃田野山岭峰岩霞虹雪霜露雨风月星辰晨曦"
)
_SECOND = (
    "鹭汀枫泉荷渚竹坞松涧梅坡橙岸桐里柳堤杏圃桃源兰舟菊篱芦洲雁塘鹤鸣莺啼燕归蝶影萤谷"
    "云帆月桥星湾晨光曦照霞栖虹跨雪庐霜叶露台雨巷风铃山房岭秀峰回岩语石笺砚池墨香琴台棋"
    "枰诗廊画屏茶烟瓷窑陶朱玉磬锦帆绣坊"
)

_TRADES = """\
food 食品 糕点 糖果 饼干 烘焙 蜜饯 坚果 调味品 乳品 饮品 休闲食品 粮油 水产 茶业 茗茶 花茶 茶文化 卤味 冷饮 豆制品
cosmetics 化妆品 日化 美妆 护肤品 香氛 洗护用品 美容用品 香精香料 口腔护理 彩妆 护发用品 香皂
electronics 电子 电子科技 电器 光电 照明 数码 智能科技 传感技术 精密电子 连接器 线缆 小家电 电源 显示技术 音响
medicine 医药 药业 生物医药 医疗器械 保健品 中药饮片 制药 健康科技 医疗用品 康复器材 诊断试剂 眼镜
gifts 礼品 工艺品 礼盒 文创 刺绣 纪念品 陶艺 扇艺 丝绸礼品 漆器 玉雕 伴手礼
toys 玩具 文具 益智玩具 童车 母婴用品 办公用品 积木 画材 童书
apparel 服饰 服装 鞋业 针织 家纺 丝绸 羊毛衫 袜业 箱包
hardware 五金 家居用品 工具 厨具 洁具 卫浴 灯饰 刀具 门锁 紧固件 轴承
other 贸易 进出口 宠物用品 体育用品 园艺 乐器
"""
TRADES = tuple(
    Trade(word, industry)
    for industry, *words in map(str.split, _TRADES.splitlines())
    for word in words
)

_GOODS = """\
food 桂花糕 苏式月饼 蛋黄酥 曲奇 牛轧糖 话梅 每日坚果 酱油 酸奶 气泡水 大闸蟹 碧螺春 茉莉花茶 袋泡茶
cosmetics 面膜 精华液 口红 护手霜 洗发水 香水 牙膏 粉底液 眼霜 沐浴露
electronics 充电器 数据线 蓝牙耳机 LED灯泡 路由器 传感器 移动电源 电吹风 加湿器 键盘
medicine 感冒颗粒 维生素片 血糖仪 口罩 创可贴 枇杷膏 阿胶 体温计 益生菌
gifts 真丝围巾 苏扇 刺绣摆件 茶具 香薰 年货 伴手礼 手账
toys 拼图 积木 彩铅 毛绒玩具 奶瓶 益智棋 水彩 修正带
apparel 衬衫 羊毛衫 童鞋 袜子 四件套 皮带 内衣 旗袍
hardware 水龙头 花洒 刀具 电钻 台灯 门锁 锅具 轴承 螺丝
other 猫粮 羽毛球 花盆 口琴 宠物零食 跳绳 种子 笛膜
"""
#: Key of an industry → what its boxes hold.
GOODS = {industry: tuple(words) for industry, *words in map(str.split, _GOODS.splitlines())}

STYLES = "双插盒 扣底盒 飞机盒 天地盖 抽屉盒 书型盒 开窗盒 手提礼盒 吊挂盒 彩箱".split()
FACES = "300g灰底白 250g灰底白 350g白卡 300g白卡 250g铜版卡 157g铜版纸 300g金卡".split()
FLUTES = ("", "+E坑", "+E坑", "+F坑", "+B坑", "+BE坑")
COLOURS = "4C 4C+1专 4C+2专 1C 2专 5C 4C+4C".split()
FINISHES = "过哑膜 过光膜 过油 局部UV 过哑膜+烫金 过哑膜+击凸 触感膜+烫银 磨光 防水油".split()

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙朱胡林郭何高罗郑梁谢宋唐许韩冯邓曹彭潘袁蒋蔡余杜叶程"
    "苏魏吕丁任沈姚卢姜钟谭陆汪范石廖贾韦夏付方邹熊孟秦邱江顾"
)
GIVEN = (
    "明丽建国晓燕志强秀英海波文静伟芳勇敏军娟磊玲涛红斌霞鹏洁俊梅宁慧峰琴杰萍飞云"
    "凯莉平雪佳怡子轩雨欣浩然思远嘉琪梦瑶一鸣若兰"
)
#: Title and department, the likeliest first; the first of a firm decides.
TITLES = (
    ("采购经理", "采购部"),
    ("总经理", "总经办"),
    ("采购", "采购部"),
    ("包装工程师", "研发部"),
    ("跟单", "业务部"),
    ("仓库主管", "仓储部"),
    ("会计", "财务部"),
    ("品质主管", "品质部"),
)

ROADS = "枫桥 金枫 东环 苏虞 珠江 长江 黄浦江 太湖 兴业 创业 工业 科技 友谊 新华 望亭 锦绣 迎宾 同心".split()
TAGS = "年框 老客户 账期长 价格敏感 食品级 FSC 出口 样品多 加急多 重点".split()
REMARKS = (
    "送货前一天电话通知仓库。",
    "外箱贴客户料号标签，每箱数量一致。",
    "首单请业务带签样确认颜色。",
    "发票随货，抬头以开票信息为准。",
    "旺季 9—12 月，需提前备纸。",
)
ORDER_REMARKS = (
    "颜色按上次签样。",
    "分两批送货，先送一半。",
    "刀版沿用旧版。",
    "每箱放合格证，打卡板。",
    "专色请按色卡，允差一度以内。",
)
BANKS = ("江南示范银行", "太湖示范银行", "吴中示范农商银行")
#: Beginnings of mobile numbers that were given to nobody, and the first digit of such landlines.
MOBILE_PREFIXES = ("154", "164", "168", "169")
LANDLINE_DIGIT = "4"


@cache
def brands() -> tuple[str, ...]:
    """Return the names a firm may have; none of them is a place, which would be read as its region."""
    places = {*regions.PROVINCES, *regions.PREFECTURES, *regions.COUNTIES, *regions.REALMS}
    pairs = (a + b for a, b in product(dict.fromkeys(_FIRST), dict.fromkeys(_SECOND)) if a != b)
    return tuple(pair for pair in pairs if pair not in places)
