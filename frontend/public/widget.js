/*
 * The AU-GURU chat on any page that the service lets show it (FRAME_ANCESTORS):
 *
 *   <script src="https://guru.example.org/widget.js" async></script>
 *
 * data-language="en|th|zh|my"  its language; else that of the page (<html lang>), else the visitor's
 * data-position="right|left"   the corner of the button; right by default
 * data-title="Ask us"          the name over the chat and of the button
 *
 * A page with a Content-Security-Policy must allow the service's origin in script-src and frame-src,
 * nothing else. `auGuru.open()` and `auGuru.close()` are there for buttons of the page's own.
 */
(() => {
  'use strict';

  const script =
    document.currentScript ?? document.querySelector('script[src$="/widget.js"]');
  if (window.auGuru || !(script instanceof HTMLScriptElement)) return;

  const WORDS = {
    en: { title: 'Ask AU-GURU', open: 'Open the chat', close: 'Close the chat' },
    th: { title: 'ถาม AU-GURU', open: 'เปิดแชต', close: 'ปิดแชต' },
    zh: { title: '咨询 AU-GURU', open: '打开聊天', close: '关闭聊天' },
    my: { title: 'AU-GURU ကို မေးပါ', open: 'စကားပြောခန်း ဖွင့်ရန်', close: 'စကားပြောခန်း ပိတ်ရန်' },
  };
  const STYLE = `
    .corner { all: initial; position: fixed; z-index: 2147483000; inset: auto 20px 20px auto; color-scheme: light dark; }
    .corner.left { inset: auto auto 20px 20px; }
    [hidden] { display: none !important; }
    button { all: unset; box-sizing: border-box; cursor: pointer; display: grid; place-items: center; }
    button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #1d4ed8; }
    svg { fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    .launcher { width: 60px; height: 60px; border-radius: 50%; background: #a6192e; color: #fff; box-shadow: 0 6px 20px #0005; margin-inline-start: auto; }
    .left .launcher { margin-inline: 0 auto; }
    .launcher:hover { background: #8a1526; }
    .panel { position: absolute; inset: auto 0 76px auto; width: min(400px, calc(100vw - 40px)); height: min(660px, calc(100dvh - 116px)); display: flex; flex-direction: column; overflow: hidden; border-radius: 16px; background: #fff; box-shadow: 0 12px 48px #0006; }
    .left .panel { inset: auto auto 76px 0; }
    .bar { flex: none; display: flex; align-items: center; justify-content: space-between; gap: 8px; padding: 6px 6px 6px 16px; background: #a6192e; color: #fff; font: 600 15px/1.4 system-ui, "Noto Sans Thai", "Noto Sans SC", "Noto Sans Myanmar", sans-serif; }
    .bar button { width: 40px; height: 40px; border-radius: 50%; flex: none; }
    .bar button:hover { background: #fff3; }
    iframe { flex: 1; width: 100%; border: 0; display: block; }
    @media (prefers-color-scheme: dark) { .panel { background: #111; } }
    @media (max-width: 480px), (max-height: 480px) {
      .panel, .left .panel { position: fixed; inset: 0; width: 100%; height: 100dvh; border-radius: 0; }
    }
    @media print { .corner { display: none; } }
    @media (forced-colors: active) { button { border: 1px solid; } }
  `;

  const page = new URL('ui/embed/', script.src);
  const { position, title } = script.dataset;
  const asked = (script.dataset.language ?? document.documentElement.lang).slice(0, 2).toLowerCase();
  const language = Object.hasOwn(WORDS, asked) ? asked : '';
  const words = WORDS[language || 'en'];
  const name = title?.trim() || words.title;
  let isReady = false;

  const host = document.createElement('au-guru-widget'); // no rule of the page's means it
  const corner = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  const launcher = makeButton('launcher', `${name} – ${words.open}`, [
    'M21 12a8.5 8.5 0 0 1-12.4 7.6L3 21l1.4-5.6A8.5 8.5 0 1 1 21 12Z',
    'M8.5 10h7M8.5 14h4.5',
  ]);
  const panel = document.createElement('div');
  const frame = document.createElement('iframe');

  function makeButton(kind, label, shapes) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = kind;
    button.setAttribute('aria-label', label);
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    for (const [key, value] of [['viewBox', '0 0 24 24'], ['width', '26'], ['height', '26'], ['aria-hidden', 'true']]) {
      svg.setAttribute(key, value);
    }
    for (const shape of shapes) {
      svg.appendChild(document.createElementNS(svg.namespaceURI, 'path')).setAttribute('d', shape);
    }
    button.append(svg);
    return button;
  }

  function build() {
    style();
    corner.className = position === 'left' ? 'corner left' : 'corner';
    corner.lang = language || 'en';
    const bar = document.createElement('div');
    const caption = document.createElement('span');
    const closer = makeButton('closer', words.close, ['M6 6l12 12M18 6 6 18']);
    bar.className = 'bar';
    caption.textContent = name;
    bar.append(caption, closer);
    panel.id = 'panel';
    panel.className = 'panel';
    panel.hidden = true;
    panel.setAttribute('role', 'dialog');
    panel.setAttribute('aria-label', name);
    frame.title = name;
    frame.allow = 'clipboard-write';
    panel.append(bar, frame);
    launcher.setAttribute('aria-haspopup', 'dialog');
    launcher.setAttribute('aria-controls', panel.id);
    launcher.setAttribute('aria-expanded', 'false');
    launcher.addEventListener('click', () => (panel.hidden ? open() : close()));
    closer.addEventListener('click', close);
    corner.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !panel.hidden) close();
    });
    corner.append(launcher, panel);
    root.append(corner);
  }

  function style() {
    if ('adoptedStyleSheets' in root) {
      const sheet = new CSSStyleSheet(); // a policy on styles does not apply to it
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } else {
      root.appendChild(document.createElement('style')).textContent = STYLE;
    }
  }

  function open() {
    if (!frame.src) frame.src = address(); // nothing is loaded before somebody wants to ask
    panel.hidden = false;
    launcher.setAttribute('aria-expanded', 'true');
    frame.focus();
    tell('focus');
  }

  function close() {
    if (panel.hidden) return;
    panel.hidden = true;
    launcher.setAttribute('aria-expanded', 'false');
    launcher.focus();
  }

  function address() {
    const url = new URL(page);
    url.searchParams.set('host', location.origin);
    if (language) url.searchParams.set('lang', language);
    return url.href;
  }

  function tell(wish) {
    if (isReady) frame.contentWindow.postMessage({ type: `au-guru:${wish}` }, page.origin);
  }

  window.addEventListener('message', (event) => {
    if (event.origin !== page.origin || event.source !== frame.contentWindow) return;
    if (event.data?.type === 'au-guru:close') close();
    if (event.data?.type === 'au-guru:ready') {
      isReady = true;
      if (!panel.hidden) tell('focus');
    }
  });

  window.auGuru = Object.freeze({ open, close });
  build();
  const attach = () => document.body.append(host);
  if (document.body) attach();
  else document.addEventListener('DOMContentLoaded', attach, { once: true });
})();
