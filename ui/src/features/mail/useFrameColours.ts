import { useEffect, useState } from "react";

import type { FrameColours } from "./frame";

/** The window's own colours as they are now, for the frame of a message, which does not see the tokens. */
export function useFrameColours(): FrameColours {
  const [colours, setColours] = useState(read);
  useEffect(() => {
    const scheme = window.matchMedia("(prefers-color-scheme: dark)");
    const change = () => setColours(read());
    scheme.addEventListener("change", change);
    return () => scheme.removeEventListener("change", change);
  }, []);
  return colours;
}

function read(): FrameColours {
  const tokens = getComputedStyle(document.documentElement);
  const token = (name: string, fallback: string) => tokens.getPropertyValue(name).trim() || fallback;
  return {
    ink: token("--ink", "CanvasText"),
    accent: token("--accent", "LinkText"),
    line: token("--line", "GrayText"),
    font: token("--font", "sans-serif"),
  };
}
