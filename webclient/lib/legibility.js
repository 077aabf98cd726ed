// Whether a photographed page looks readable: advice, never a verdict.
//
// Blur is told by the variance of the Laplacian: edges of ink answer strongly to it, smeared ones hardly at all. An
// empty sheet answers as little as a blurred one, which is why the sentence only says that it looks so.

const DARK_BELOW = 70; // mean luminance, 0 to 255
const BLURRED_BELOW = 25;
const SMALL_BELOW = 1000; // pixels of the long side: a sheet of A4 then has less than 90 an inch

/** Long side to which a picture is scaled before it is looked at; finer detail than this no reader needs. */
export const LOOKED_AT = 1024;

/** Mean luminance and variance of the Laplacian of RGBA pixels. */
export function measure({ data, width, height }) {
  const light = new Float32Array(width * height);
  let sum = 0;
  for (let i = 0; i < light.length; i += 1) {
    light[i] = 0.2126 * data[4 * i] + 0.7152 * data[4 * i + 1] + 0.0722 * data[4 * i + 2];
    sum += light[i];
  }
  let [total, squares, count] = [0, 0, 0];
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const i = y * width + x;
      const edge = light[i - 1] + light[i + 1] + light[i - width] + light[i + width] - 4 * light[i];
      total += edge;
      squares += edge * edge;
      count += 1;
    }
  }
  const mean = count ? total / count : 0;
  return { brightness: light.length ? sum / light.length : 0, sharpness: count ? squares / count - mean * mean : 0 };
}

/** What is wrong with it: any of "dark", "blurred", "small"; empty when it looks readable. */
export function faultsOf({ brightness, sharpness, longSide }) {
  const dark = brightness < DARK_BELOW;
  return [dark && "dark", sharpness < BLURRED_BELOW && !dark && "blurred", longSide < SMALL_BELOW && "small"].filter(Boolean);
}
