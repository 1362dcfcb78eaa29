import "./tokens.css";
import "./base.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { tauriDoor } from "../ipc/tauriDoor";
import { tauriHost } from "../ipc/tauriHost";
import { App } from "./App";
import { applyLook, localeOf, rememberedLook, themeOf } from "./look";

const root = document.getElementById("root");
if (root !== null) {
  // Before the first picture, so that nothing flashes.
  const { language, theme, density } = rememberedLook() ?? {
    language: "system",
    theme: "system",
    density: "",
  };
  const isDark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  applyLook(localeOf(language, navigator.languages), themeOf(theme, isDark), density);
  createRoot(root).render(
    <StrictMode>
      <App door={tauriDoor} host={tauriHost} />
    </StrictMode>,
  );
}
