import "./tokens.css";
import "./base.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { chooseLocale } from "../i18n/locale";
import { tauriDoor } from "../ipc/tauriDoor";
import { App } from "./App";

const root = document.getElementById("root");
if (root !== null) {
  const locale = chooseLocale(navigator.languages);
  document.documentElement.lang = locale;
  createRoot(root).render(
    <StrictMode>
      <App locale={locale} door={tauriDoor} />
    </StrictMode>,
  );
}
