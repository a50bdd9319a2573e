"""Words in company names that are not the firm: places and trades.

Provinces and prefecture-level cities after GB/T 2260; county level for Shanghai, Jiangsu, Zhejiang
and the east of Anhui, where the customers are. Short names; a suffix may follow.
"""

# ruff: noqa: SIM905 - words are read and compared more easily than a thousand quotation marks

PROVINCES = (
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北"
    " 湖南 广东 海南 四川 贵州 云南 陕西"
    " 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门"
).split()

#: What may follow a province, a prefecture, a county; the longest first. 市 is no suffix in 市场.
PROVINCE_SUFFIXES = "壮族自治区 回族自治区 维吾尔自治区 特别行政区 自治区 省 市".split()
PREFECTURE_SUFFIXES = "自治州 地区 市 州 盟".split()
COUNTY_SUFFIXES = "自治县 新区 市 区 县 镇".split()
#: Parks that sign behind their place.
ZONES = (
    "国家高新技术产业开发区 高新技术产业开发区 经济技术开发区 经济开发区 高新区 工业园区"
    " 综合保税区 保税区"
    " 自贸区 开发区 度假区 新区"
).split()

#: What a firm trades in says nothing about which firm it is: 苏州包装 keeps its 苏州.
TRADES = (
    "包装 包装材料 包装制品 包装印刷 彩印 彩印包装 印刷 印务 印刷包装 纸业 纸品 纸制品 纸箱"
    " 纸盒 彩盒 彩箱"
    " 食品 电子 科技 电子科技 贸易 商贸 国际贸易 进出口 实业 工贸 塑料 塑胶 五金 机械 家具"
    " 服饰 服装 纺织 化工 医药"
    " 玩具 电器 饮料 化妆品 日用品 生物科技 网络科技 信息技术 物流 集团 发展 投资 控股"
).split()

#: Larger than a province: part of no place, yet written where places are.
REALMS = "中国 中华人民共和国 华东 华南 华北 华中 长三角 江南 大陆".split()

PREFECTURES = (
    # Hebei, Shanxi, Inner Mongolia
    "石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 雄安"
    " 太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁"
    " 呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布 兴安盟 锡林郭勒 阿拉善"
    # Liaoning, Jilin, Heilongjiang
    " 沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛"
    " 长春 四平 辽源 通化 白山 松原 白城 延边"
    " 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化 大兴安岭"
    # Jiangsu, Zhejiang, Anhui
    " 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁"
    " 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水"
    " 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城"
    # Fujian, Jiangxi, Shandong
    " 福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德"
    " 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶"
    " 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽"
    # Henan, Hubei, Hunan
    " 郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口"
    " 驻马店 济源"
    " 武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 仙桃 潜江 天门"
    " 长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西"
    # Guangdong, Guangxi, Hainan
    " 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞"
    " 中山 潮州 揭阳 云浮"
    " 南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左 海口 三亚 三沙"
    " 儋州"
    # Sichuan, Guizhou, Yunnan, Tibet
    " 成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中"
    " 资阳 阿坝 甘孜 凉山"
    " 贵阳 六盘水 遵义 安顺 毕节 铜仁 黔西南 黔东南 黔南"
    " 昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧 楚雄 红河 文山 西双版纳 大理 德宏 怒江 迪庆"
    " 拉萨 日喀则 昌都 林芝 山南 那曲 阿里"
    # Shaanxi, Gansu, Qinghai, Ningxia, Xinjiang, Taiwan
    " 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛"
    " 兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 临夏 甘南"
    " 西宁 海东 海北 黄南 海南州 果洛 玉树 海西 银川 石嘴山 吴忠 固原 中卫"
    " 乌鲁木齐 克拉玛依 吐鲁番 哈密 昌吉 博尔塔拉 巴音郭楞 阿克苏 克孜勒苏 喀什 和田 伊犁"
    " 塔城 阿勒泰 石河子"
    " 台北 新北 桃园 台中 台南 高雄 基隆 新竹 嘉义"
).split()

COUNTIES = (
    # Shanghai
    "浦东 黄浦 徐汇 长宁 静安 普陀 虹口 杨浦 闵行 宝山 嘉定 金山 松江 青浦 奉贤 崇明"
    # Suzhou, with the parks and towns that sign as places
    " 昆山 常熟 太仓 张家港 吴江 吴中 相城 姑苏 虎丘 工业园区 盛泽 震泽 同里 甪直 木渎 浒墅关"
    " 黎里"
    " 汾湖 花桥 周市 千灯 巴城 玉山 梅李 海虞 沙溪 浏河 璜泾 杨舍 金港 塘桥 渭塘 黄埭 望亭"
    " 胥口 唯亭 胜浦 斜塘"
    # Wuxi, Changzhou, Zhenjiang, Nanjing
    " 江阴 宜兴 锡山 惠山 滨湖 梁溪 新吴 溧阳 金坛 武进 新北 天宁 钟楼 丹阳 扬中 句容 丹徒"
    " 京口 润州"
    " 玄武 秦淮 建邺 鼓楼 浦口 栖霞 雨花台 江宁 六合 溧水 高淳"
    # Nantong, Taizhou, Yangzhou and the north of Jiangsu
    " 启东 如皋 海安 海门 如东 通州 崇川 兴化 靖江 泰兴 海陵 高港 姜堰 仪征 高邮 宝应 广陵"
    " 邗江 江都"
    " 东台 建湖 射阳 阜宁 滨海 响水 盐都 亭湖 大丰 涟水 盱眙 金湖 淮阴 洪泽 沭阳 泗阳 泗洪"
    " 宿豫 宿城"
    " 新沂 邳州 丰县 沛县 睢宁 铜山 贾汪 泉山 云龙 东海 灌云 灌南 海州 连云 赣榆"
    # Zhejiang
    " 萧山 余杭 临平 富阳 临安 桐庐 淳安 建德 上城 拱墅 西湖 滨江 钱塘 余姚 慈溪 象山 宁海"
    " 鄞州 奉化 北仑 镇海 海曙"
    " 乐清 瑞安 龙港 永嘉 平阳 苍南 文成 泰顺 洞头 鹿城 龙湾 瓯海 平湖 海宁 桐乡 嘉善 海盐"
    " 南湖 秀洲"
    " 德清 长兴 安吉 吴兴 南浔 诸暨 嵊州 新昌 越城 柯桥 上虞 兰溪 义乌 东阳 永康 武义 浦江"
    " 磐安 婺城 金东"
    " 江山 常山 开化 龙游 柯城 衢江 岱山 嵊泗 定海 温岭 临海 玉环 三门 天台 仙居 椒江 黄岩 路桥"
    " 龙泉 青田 缙云 遂昌 松阳 云和 庆元 景宁 莲都"
    # Anhui, the side of the river that trades with Suzhou
    " 巢湖 长丰 肥东 肥西 庐江 蜀山 包河 庐阳 瑶海 无为 南陵 繁昌 湾沚 当涂 含山 和县 天长"
    " 明光 来安 全椒 定远 凤阳"
    " 宁国 广德 郎溪 泾县 绩溪 旌德 桐城 枞阳 青阳"
).split()
