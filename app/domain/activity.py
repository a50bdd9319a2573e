"""Activities: how somebody was in touch with a customer."""

from app.core.words import N_, Word


class ActivityKind(Word):
    """The way it happened."""

    CALL = "call", N_("电话"), "blue"
    VISIT = "visit", N_("拜访"), "green"
    WECHAT = "wechat", N_("微信"), "accent"
    EMAIL = "email", N_("邮件"), "grey"
    MEETING = "meeting", N_("会议"), "outline"
    SAMPLE = "sample", N_("打样"), "amber"
