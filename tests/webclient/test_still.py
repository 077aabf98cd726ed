"""When a picture counts as dark or blurred (A24.1.1): the server and the page measure alike, by the same limits."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image
from playwright.async_api import Page

from proctor.analysis.picture import BLURRED, DARK, assess

pytestmark = pytest.mark.browser


def stripes(luma: int, step: int) -> bytes:
    """A JPEG of columns of 8 pixels, one block of the code each, that go up and down by `step` about `luma`: their
    Laplacian answers with `step` at two pixels of eight, a variance of about a quarter of its square."""
    line = bytes(luma - step // 2 + (step if x // 8 % 2 else 0) for x in range(640))
    file = io.BytesIO()
    Image.frombytes("L", (640, 480), line * 480).save(file, "JPEG", quality=100)
    return file.getvalue()


# luma, step, dark, blurred
PICTURES = [(44, 40, True, False), (46, 40, False, False), (128, 9, False, True), (128, 11, False, False)]


@pytest.mark.parametrize(("luma", "step", "dark", "blurred"), PICTURES)
async def test_the_server_tells_dark_and_blurred_on_either_side_of_each_limit(
    luma: int, step: int, dark: bool, blurred: bool
) -> None:
    found = assess(stripes(luma, step))
    assert (found.dark, found.blurred) == (dark, blurred), found
    assert found.brightness == pytest.approx(luma, abs=1)
    assert found.sharpness == pytest.approx(step**2 / 4, rel=0.05)


async def test_the_page_has_the_limits_of_the_server_and_measures_as_it_does(module_page: Page) -> None:
    limits = "import('/lib/still.js').then(({ DARK_BELOW, BLURRED_BELOW }) => [DARK_BELOW, BLURRED_BELOW])"
    assert await module_page.evaluate(limits) == [DARK, BLURRED] == [45, 25]
    for luma, step, _dark, _blurred in PICTURES:
        jpeg = stripes(luma, step)
        measured = await module_page.evaluate(MEASURE, base64.b64encode(jpeg).decode())
        found = assess(jpeg)
        assert measured["brightness"] == pytest.approx(found.brightness, abs=1)
        assert measured["sharpness"] == pytest.approx(found.sharpness, rel=0.05)


MEASURE = """async (jpeg) => {
  const { measure } = await import("/lib/legibility.js");
  const picture = await createImageBitmap(await (await fetch(`data:image/jpeg;base64,${jpeg}`)).blob());
  const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  context.drawImage(picture, 0, 0);
  return measure(context.getImageData(0, 0, picture.width, picture.height)); }"""
