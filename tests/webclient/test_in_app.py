"""Browsers inside other applications are told by their user agents, and browsers of their own are left alone."""

import pytest
from playwright.async_api import Browser, Page

from tests.browser.chromium import picture

pytestmark = pytest.mark.browser

PIXEL = "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UD1A.231105.004{}) AppleWebKit/537.36 (KHTML, like Gecko) "
ANDROID = PIXEL.format("; wv") + "Version/4.0 Chrome/130.0.6723.86 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
FACEBOOK_IOS = ";FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/17.6.1;FBSS/3;FBID/phone;FBLC/vi_VN;FBOP/5]"
WINDOWS = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
           "Chrome/156.0.0.0 Safari/537.36")  # fmt: skip

AGENTS = [
    (f"{ANDROID} Zalo android/12100733 ZaloTheme/light ZaloLanguage/vi", "zalo"),
    (f"{IPHONE}Mobile/15E148 Zalo iOS/643 ZaloTheme/light ZaloLanguage/vn", "zalo"),
    (f"{ANDROID} [FB_IAB/FB4A;FBAV/486.0.0.66.70;]", "facebook"),
    (f"{IPHONE}Mobile/21G93 [FBAN/FBIOS;FBAV/486.0.0.55.76{FACEBOOK_IOS}", "facebook"),
    (f"{ANDROID} [FB_IAB/Orca-Android;FBAV/480.0.0.28.108;]", "messenger"),
    (f"{ANDROID} [FB_IAB/MESSENGER;FBAV/480.0.0.28.108;]", "messenger"),
    (f"{IPHONE}Mobile/21G93 [FBAN/MessengerForiOS;FBAV/480.0.0.33.110{FACEBOOK_IOS}", "messenger"),
    (f"{ANDROID} Instagram 356.0.0.41.101 Android (34/14; 420dpi; 1080x2400; Google/google; Pixel 8)", "instagram"),
    (f"{IPHONE}Mobile/21G93 Instagram 356.0.0.27.87 (iPhone14,5; iOS 17_6_1; vi_VN; vi; scale=3.00)", "instagram"),
    (f"{ANDROID} trill_370104 JsSdk/1.0 NetType/WIFI Channel/googleplay AppName/musical_ly ByteLocale/vi", "tiktok"),
    (f"{IPHONE}Mobile/21G93 musical_ly_36.8.0 JsSdk/2.0 NetType/WIFI BytedanceWebview/d8a21c6", "tiktok"),
    (f"{ANDROID} Line/14.18.1/IAB", "line"),
    (f"{IPHONE}Mobile/15E148 Safari Line/14.18.1", "line"),
    (ANDROID, "other"),
    (PIXEL.format("") + "Chrome/156.0.0.0 Mobile Safari/537.36", None),
    ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 "
     "Mobile Safari/537.36", None),
    ("Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0", None),
    (f"{IPHONE}Version/17.6 Mobile/15E148 Safari/604.1", None),
    (f"{IPHONE}CriOS/130.0.6723.90 Mobile/15E148 Safari/604.1", None),
    (f"{IPHONE}FxiOS/132.0 Mobile/15E148 Safari/605.1.15", None),
    (WINDOWS, None),
    (WINDOWS + " Edg/156.0.0.0", None),
    (WINDOWS.replace("Windows NT 10.0; Win64; x64", "X11; Linux x86_64"), None),
    (WINDOWS.replace(" Chrome/", " coc_coc_browser/132.0.154 Chrome/"), None),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 "
     "Safari/605.1.15", None),
]  # fmt: skip


async def test_each_is_known_by_its_user_agent(module_page: Page) -> None:
    told = await module_page.evaluate(
        "async (agents) => agents.map((await import('/lib/in_app.js')).inAppBrowser)",
        [agent for agent, _ in AGENTS],
    )
    assert [(agent, app) for (agent, _), app in zip(AGENTS, told, strict=True)] == AGENTS


@pytest.mark.parametrize(
    ("address", "intent"),
    [
        ("https://thi.example.vn/candidate",
         "intent://thi.example.vn/candidate#Intent;scheme=https;package=com.android.chrome;"
         "S.browser_fallback_url=https%3A%2F%2Fthi.example.vn%2Fcandidate;end"),
        ("https://thi.example.vn:8443/?a=b",
         "intent://thi.example.vn:8443/?a=b#Intent;scheme=https;package=com.android.chrome;"
         "S.browser_fallback_url=https%3A%2F%2Fthi.example.vn%3A8443%2F%3Fa%3Db;end"),
    ],
)  # fmt: skip
async def test_android_is_asked_to_open_chrome(module_page: Page, address: str, intent: str) -> None:
    made = await module_page.evaluate(
        "async (address) => (await import('/lib/in_app.js')).chromeIntent(address)", address
    )
    assert made == intent


async def test_an_address_with_a_fragment_of_its_own_gets_no_intent(module_page: Page) -> None:
    made = await module_page.evaluate(
        "async () => (await import('/lib/in_app.js')).chromeIntent('https://thi.example.vn/#link=TOKEN')"
    )
    assert made is None  # an intent would lose it; copying the address does not


async def test_the_link_of_a_telephone_is_good_once_and_not_used_up_in_an_application(
    browser: Browser, site: str
) -> None:
    context = await browser.new_context(user_agent=AGENTS[0][0], viewport={"width": 390, "height": 844}, locale="vi-VN")
    page = await context.new_page()
    asked: list[str] = []
    page.on("request", lambda one: "/api/" in one.url and asked.append(f"{one.method} {one.url.removeprefix(site)}"))
    await page.goto(f"{site}phone.html#room=r_1&token=TOKEN")
    address = page.get_by_test_id("in-app-address")
    assert (await address.input_value()).endswith("#room=r_1&token=TOKEN")
    assert await page.get_by_test_id("in-app").get_attribute("data-app") == "zalo"
    await picture(page, "phone-in-app")
    assert asked == []
    async with page.expect_request("**/api/rooms/r_1/phone"):
        await page.get_by_test_id("in-app-go-on").click()
    assert asked[0] == "POST api/rooms/r_1/phone"
    await context.close()
