import "./tokens.css";
import "./base.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { reportFailures } from "../ipc/failures";
import { findSurroundings } from "../ipc/surroundings";
import { App } from "./App";
import { applyLook, localeOf, rememberedLook, themeOf } from "./look";
import { NoDoor } from "./NoDoor";

const root = document.getElementById("root");
if (root !== null) {
  // Before the first picture, so that nothing flashes.
  const { language, theme, density } = rememberedLook() ?? {
    language: "system",
    theme: "system",
    density: "",
  };
  const isDark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  const locale = localeOf(language, navigator.languages);
  applyLook(locale, themeOf(theme, isDark), density);
  const surroundings = await findSurroundings();
  if (surroundings !== null) {
    reportFailures(surroundings.host);
  }
  createRoot(root).render(
    <StrictMode>{surroundings === null ? <NoDoor locale={locale} /> : <App {...surroundings} />}</StrictMode>,
  );
}
