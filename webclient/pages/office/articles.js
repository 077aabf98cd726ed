// The articles behind a ruling in words that people use: "A14.2b.4" and "A14.2dd" are both Article 14 of the regulation on
// online training. The rule's own numbers stay at hand in a tooltip.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";

export function Articles({ citations }) {
  const articles = new Map(); // regime -> articles, in order
  for (const rule of citations) {
    const [, regime, article] = /^([AB])(\d+)/.exec(rule) ?? [];
    if (regime) articles.set(regime, (articles.get(regime) ?? new Set()).add(Number(article)));
  }
  const words = [...articles].map(([regime, numbers]) => t(`articles.${regime.toLowerCase()}`, { articles: [...numbers].sort((a, b) => a - b).join(", ") }));
  return html`<p class="soft small_text" title=${citations.join(", ")} data-testid="articles">${t("articles.by", { articles: words.join("; ") })}</p>`;
}
