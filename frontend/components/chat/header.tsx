'use client';

import { useTheme } from 'next-themes';
import type { ReactNode } from 'react';

import { LANGUAGE_NAMES, isLanguage } from '@/lib/i18n/language';
import { useText } from '@/lib/i18n/provider';

import { IconButton } from '../ui/button';
import { Icon } from '../ui/icon';
import { Shield } from './brand';

interface HeaderProps {
  isEmbedded: boolean;
  canStartNew: boolean;
  onMenu: () => void;
  onNew: () => void;
}

export function Header({ isEmbedded, canStartNew, onMenu, onNew }: HeaderProps): ReactNode {
  const { t } = useText();
  return (
    <header className="border-b border-border bg-card/70 print:hidden">
      <div className="mx-auto flex h-14 w-full max-w-5xl items-center gap-0.5 px-1.5 sm:gap-1 sm:px-4">
        <IconButton icon="menu" label={t.menu} onClick={onMenu} data-testid="menu" />
        <Shield className="ml-1 hidden h-8 w-7 min-[360px]:block" />
        <div className="ml-1.5 min-w-0 flex-1 leading-tight">
          <h1 className="truncate font-semibold tracking-tight">{t.title}</h1>
          {isEmbedded ? null : <p className="hidden truncate text-xs text-muted-foreground sm:block">{t.tagline}</p>}
        </div>
        <LanguageSelect />
        <ThemeButton />
        <IconButton
          icon="plus"
          label={t.newConversation}
          aria-disabled={!canStartNew}
          onClick={() => canStartNew && onNew()}
          data-testid="new-conversation"
        />
      </div>
    </header>
  );
}

export function LanguageSelect(): ReactNode {
  const { t, language, setLanguage } = useText();
  return (
    <div className="relative flex items-center text-muted-foreground">
      <Icon name="globe" className="pointer-events-none absolute left-2 size-3.5 sm:size-4" />
      <select
        aria-label={t.language}
        value={language}
        data-testid="language"
        onChange={(event) => isLanguage(event.target.value) && setLanguage(event.target.value)}
        className="h-10 cursor-pointer appearance-none rounded-lg bg-transparent pr-1 pl-7 text-xs sm:pr-2 sm:pl-8 sm:text-sm hover:bg-accent hover:text-accent-foreground focus-visible:outline-2 focus-visible:outline-ring"
      >
        {Object.entries(LANGUAGE_NAMES).map(([code, name]) => (
          <option key={code} value={code} lang={code} className="bg-popover text-popover-foreground">
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

const THEMES = ['system', 'light', 'dark'] as const;

export function ThemeButton(): ReactNode {
  const { t } = useText();
  const { theme = 'system', setTheme } = useTheme();
  const at = Math.max(0, THEMES.findIndex((name) => name === theme));
  const name = [t.themeSystem, t.themeLight, t.themeDark][at];
  return (
    <IconButton
      icon={(['device', 'sun', 'moon'] as const)[at] ?? 'device'}
      label={`${t.theme}: ${name}`}
      data-testid="theme"
      data-theme={theme}
      onClick={() => setTheme(THEMES[(at + 1) % THEMES.length] ?? 'system')}
    />
  );
}
