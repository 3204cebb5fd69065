"""Chinese words that people type and that name nothing a dataset is about. Pure."""

from __future__ import annotations

# fmt: off
FILLERS = frozenset(
    (
        "信息", "数据", "资料", "情况", "名录", "名单", "名册", "花名册", "清单", "列表", "一览表", "一览",
        "目录", "明细", "明细表", "概况", "点位", "位置", "分布", "基本", "相关", "有关", "详细", "汇总",
        "汇总表", "总表", "表", "统计表", "情况表", "信息表", "登记表", "台账", "记录", "公示", "公布",
        "公开", "查询", "信息库", "数据库", "库", "结果", "详情", "内容", "数", "数量", "电话", "联系电话",
        "联系方式", "地址",
    )
)
"""What only names the form of a dataset at the end of several words."""
WHOLE = frozenset(
    (
        "全市", "全县", "全区", "本市", "我市", "本县", "本区", "全部", "所有", "各类", "历年", "近年", "最新",
        "哪些", "有关", "相关", "关于",
    )
)
"""What only says that nothing is left out, at the beginning of several words."""
ASKING = frozenset(
    (
        "附近", "周边", "哪里", "哪儿", "哪个", "哪家", "在哪", "怎么", "怎样", "如何", "什么", "多少", "多少钱",
        "几点", "几个", "有没有", "可以", "请问", "我要", "我想", "我要办", "我想查", "怎么办", "咋办", "怎么交", "怎么走",
        "办理", "开门",
    )
)
"""What only makes a question of a subject: 附近药店, 公厕在哪里, 低保标准是多少, 到哪里办护照."""
# fmt: on
PARTICLES = frozenset("的和与及或在有是吗呢哪")
"""Words between words."""
UNSAID = PARTICLES | frozenset("办查到坐")
"""What is not even welcome: words between words, and characters that by themselves only ask (到哪里办), since too many
other words have them (坐标)."""
EMPTY = FILLERS | WHOLE | UNSAID | ASKING
VAGUE = (
    WHOLE
    | UNSAID
    | ASKING
    | frozenset(("信息", "数据", "资料", "情况", "基本", "相关", "详细", "详情", "内容", "数", "数量"))
)
"""Of these, what does not even tell a list from a report."""
GENERIC = frozenset(("企业", "公司", "单位", "机构", "人员", "项目", "部门", "个人", "组织"))
"""Words so wide that nearly every description has them: 企业名录 asks for lists, and for titles."""
