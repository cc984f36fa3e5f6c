import type { Metadata, Viewport } from 'next';
import { ThemeProvider } from 'next-themes';
import type { ReactNode } from 'react';

import './globals.css';

export const metadata: Metadata = {
  title: 'AU-GURU – Assumption University of Thailand',
  description: 'Ask about admission, fees, programmes and life at Assumption University of Thailand.',
};

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  viewportFit: 'cover',
  interactiveWidget: 'resizes-content',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#faf8f5' },
    { media: '(prefers-color-scheme: dark)', color: '#0e1320' },
  ],
};

// next-themes' own script stands in the body, where a frame in the wrong theme may come before it.
const THEME_FIRST = `(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('au-guru.theme');
  } catch {}
  const isDark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.add(isDark ? 'dark' : 'light');
  document.documentElement.style.colorScheme = isDark ? 'dark' : 'light';
})()`;

export default function RootLayout({ children }: { children: ReactNode }): ReactNode {
  return (
    // The theme's class is put on before React wakes up.
    <html lang="en" suppressHydrationWarning>
      <head>
        <script dangerouslySetInnerHTML={{ __html: THEME_FIRST }} />
      </head>
      <body>
        <noscript>
          <div className="space-y-1 p-4 text-center">
            <p>AU-GURU needs JavaScript. Please switch it on in your browser.</p>
            <p lang="th">AU-GURU ต้องใช้ JavaScript โปรดเปิดใช้ในเบราว์เซอร์ของคุณ</p>
            <p lang="zh">AU-GURU 需要 JavaScript，请在浏览器中启用。</p>
            <p lang="my">AU-GURU အတွက် JavaScript လိုအပ်သည်။ ဘရောက်ဇာတွင် ဖွင့်ပေးပါ။</p>
          </div>
        </noscript>
        <ThemeProvider attribute="class" defaultTheme="system" storageKey="au-guru.theme">
          {children}
        </ThemeProvider>
      </body>
    </html>
  );
}
