'use client';

import { type ReactNode, createContext, useContext, useEffect, useMemo, useSyncExternalStore } from 'react';

import { browserStore } from '../client/storage';
import { DICTIONARIES, type Dictionary, LOCALES, type Language, isLanguage, pickLanguage } from './language';

const KEY = 'au-guru.language';
const store = browserStore('localStorage');
const listeners = new Set<() => void>();

interface LanguageChoice {
  t: Dictionary;
  language: Language;
  locale: string;
  setLanguage: (language: Language) => void;
}

const Choice = createContext<LanguageChoice | null>(null);

interface LanguageProviderProps {
  forced?: Language;
  /** What is shown, in no language, until the reader's is known. */
  fallback?: ReactNode;
  children: ReactNode;
}

/** The language of the interface: the one that was chosen, else the browser's. */
export function LanguageProvider({ forced, fallback = null, children }: LanguageProviderProps): ReactNode {
  const read = (): Language => forced ?? currentLanguage();
  // A page that was built knows no reader: nothing is shown in a wrong language first.
  const language = useSyncExternalStore(subscribe, read, () => null);
  const choice = useMemo(() => (language === null ? null : choiceOf(language)), [language]);
  useEffect(() => {
    if (language !== null) document.documentElement.lang = LOCALES[language];
  }, [language]);
  return choice === null ? fallback : <Choice value={choice}>{children}</Choice>;
}

/** The words of the interface. */
export function useText(): LanguageChoice {
  const choice = useContext(Choice);
  if (choice === null) throw new Error('useText needs a LanguageProvider around it');
  return choice;
}

function choiceOf(language: Language): LanguageChoice {
  return { t: DICTIONARIES[language], language, locale: LOCALES[language], setLanguage };
}

let chosenHere: Language | null = null;

function setLanguage(language: Language): void {
  chosenHere = language;
  store.set(KEY, language);
  listeners.forEach((listener) => listener());
}

/** What was chosen on this page; else what its address asks for (`?lang=`), what was chosen before, the browser's. */
function currentLanguage(): Language {
  const wanted = [chosenHere, new URLSearchParams(window.location.search).get('lang'), store.get(KEY)];
  return wanted.find(isLanguage) ?? pickLanguage(navigator.languages);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
}
