import { useEffect, useSyncExternalStore } from "react";

import { LOCALES, chooseLocale } from "../i18n/locale";
import type { Locale } from "../i18n/locale";
import type { SettingsView } from "../ipc/contract";

/** The part of the settings that decides how the window looks from its first picture on. */
export type Look = Pick<SettingsView, "language" | "theme" | "density">;

/** Remembered beside the page, so that the first picture looks right before the core has told the settings. */
const REMEMBERED = "look";

const isText = (value: unknown): value is string => typeof value === "string";

/** The look that was remembered; `null` when none was. */
export function readLook(text: string | null): Look | null {
  try {
    const { language, theme, density }: Record<string, unknown> = JSON.parse(text ?? "") ?? {};
    return isText(language) && isText(theme) && isText(density) ? { language, theme, density } : null;
  } catch {
    return null;
  }
}

/** The look of the last time. */
export function rememberedLook(): Look | null {
  try {
    return readLook(localStorage.getItem(REMEMBERED));
  } catch {
    return null;
  }
}

function remember({ language, theme, density }: Look): void {
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify({ language, theme, density }));
  } catch {
    // Where nothing can be remembered the first picture follows the system.
  }
}

/** The language of the screens: the chosen one, else the first of the system's that Mailroom speaks. */
export function localeOf(language: string, wanted: readonly string[]): Locale {
  return LOCALES.find((locale) => locale === language) ?? chooseLocale(wanted);
}

/** The theme to draw: the chosen one, else the system's. */
export function themeOf(theme: string, isDark: boolean): "light" | "dark" {
  return theme === "dark" || (theme !== "light" && isDark) ? "dark" : "light";
}

/** Writes the look into the document, where the tokens and the system's own controls read it. */
export function applyLook(locale: Locale, theme: "light" | "dark", density: string): void {
  const root = document.documentElement;
  root.lang = locale;
  root.dataset["theme"] = theme;
  root.dataset["density"] = density === "compact" ? "compact" : "comfortable";
}

const darkness = () => window.matchMedia("(prefers-color-scheme: dark)");

function onDarkness(tell: () => void): () => void {
  const scheme = darkness();
  scheme.addEventListener("change", tell);
  return () => scheme.removeEventListener("change", tell);
}

function onLanguages(tell: () => void): () => void {
  window.addEventListener("languagechange", tell);
  return () => window.removeEventListener("languagechange", tell);
}

/** Follows the settings and the system. Answers the language of the screens. */
export function useLook(look: Look, isKnown: boolean): Locale {
  const isDark = useSyncExternalStore(onDarkness, () => darkness().matches);
  const wanted = useSyncExternalStore(onLanguages, () => navigator.languages.join(" "));
  const locale = localeOf(look.language, wanted.split(" "));
  const theme = themeOf(look.theme, isDark);
  const { language, density } = look;
  useEffect(() => applyLook(locale, theme, density), [locale, theme, density]);
  useEffect(() => {
    if (isKnown) {
      remember({ language, theme: look.theme, density });
    }
  }, [isKnown, language, look.theme, density]);
  return locale;
}
