// What is wrong for people on the page as it stands; an empty list when nothing is. `narrow`: also what is too wide.
(narrow) => {
  const faults = [];
  const shown = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  for (const found of document.body.innerText.matchAll(/(?<![\w./@-])[a-z]+\.[a-z]+(_[a-z]+)*(?![\w./@-])/g))
    if (!/\.(csv|pdf|txt|jpg)$/.test(found[0])) faults.push(`key shown: ${found[0]}`);
  if (narrow && document.documentElement.scrollWidth > innerWidth) {
    const widest = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1);
    faults.push(`wider than the screen: ${document.documentElement.scrollWidth}, ${widest[0]?.className}`);
  }
  for (const control of document.querySelectorAll('button, input, select, textarea, a[href], meter, progress, video, [role=timer]')) {
    if (!shown(control) || control.matches('[role=timer]')) continue;
    const named = control.ariaLabel || control.title || control.labels?.length || control.innerText?.trim() || control.ariaLabelledByElements?.length;
    if (!named) faults.push(`no name: ${control.outerHTML.slice(0, 120)}`);
  }
  const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parse = (colour) => { const n = colour.match(/[\d.]+/g).map(Number); return [n[0], n[1], n[2], n[3] ?? 1]; };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3]));
  const behind = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (style.backgroundImage !== 'none' || one.matches('.tile_picture, .focus_picture, .screen, video')) return null;
      layers.push(parse(style.backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reduceRight((under, top) => over(top, under), [255, 255, 255]);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !shown(element) || element.closest(':disabled, .disabled, script, style, .visually_hidden, noscript')) continue;
    const ground = behind(element);
    if (!ground) continue;
    const [light, dark] = [luminance(over(parse(getComputedStyle(element).color), ground)), luminance(ground)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)}: "${node.textContent.trim().slice(0, 30)}" in .${element.className}`);
  }
  return [...new Set(faults)];
}
