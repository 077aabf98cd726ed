// Browsers inside other applications. A link that was sent by Zalo or Messenger opens in one of these; most lend a page
// neither camera nor microphone, lose what it keeps, and close it with the next message. Told by the user agent, which each
// of them signs; a guess that is wrong costs one press, since nobody is kept out.

const SIGNS = [
  ["zalo", /\bZalo\b/i],
  ["messenger", /FBAN\/Messenger|FBAN\/LightSpeed|FB_IAB\/(?:Orca|MESSENGER)|\bMessenger\b/],
  ["instagram", /\bInstagram\b/],
  ["facebook", /\bFBAN\/|\bFBAV\/|\bFB_IAB\/|\bFBIOS\b/],
  ["tiktok", /musical_ly|BytedanceWebview|\bTikTok\b|\btrill_/i],
  ["line", /\bLine\/\d/],
  ["other", /; wv\)/], // Android's WebView, whoever shows it
];

/** The application in whose browser a page stands, one of the names above; null in a browser of its own. */
export const inAppBrowser = (userAgent = navigator.userAgent) => SIGNS.find(([, sign]) => sign.test(userAgent))?.[0] ?? null;

/** An address that makes Android open `href` in Chrome; null for one with a fragment, which an intent would lose. */
export function chromeIntent(href) {
  const { host, pathname, search, hash, protocol } = new URL(href);
  if (hash) return null;
  return `intent://${host}${pathname}${search}#Intent;scheme=${protocol.slice(0, -1)};package=com.android.chrome;S.browser_fallback_url=${encodeURIComponent(href)};end`;
}
