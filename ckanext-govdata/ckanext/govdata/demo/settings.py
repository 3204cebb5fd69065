"""What the installer may write into the ini of a portal that shows the demo city (pure)."""

from __future__ import annotations

from .catalogue import MAIL_DOMAIN
from .city import city


def demo_settings() -> dict[str, str]:
    """Site title and footer of the demo city; filing numbers and addresses are visibly made up."""
    name = city().zh
    return {
        "ckan.site_title": f"{name}公共数据开放平台",
        "ckan.site_description": f"{name}是虚构的示例城市，本站全部数据均为演示数据。",
        "govdata.city_name": name,
        "govdata.footer.sponsor": f"{name}大数据局（演示）",
        "govdata.footer.operator": f"{name}信息中心（演示）",
        "govdata.footer.icp": "演ICP备00000000号",
        "govdata.footer.police": "演公网安备 00000000000000号",
        "govdata.footer.site_identifier": "0000000000",
        "govdata.footer.contact": "0000-8000000（工作日 9:00 至 17:00，演示号码）",
        "govdata.footer.email": f"portal@{MAIL_DOMAIN}",
    }
