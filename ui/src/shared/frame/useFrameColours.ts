import { useEffect, useState } from "react";

import type { FrameColours } from "./frame";

/** The window's own colours as they are now, for the frame of a message, which does not see the tokens. */
export function useFrameColours(): FrameColours {
  const [colours, setColours] = useState(read);
  useEffect(() => {
    // The theme stands at the root of the page, by the person's choice or after the system.
    const observer = new MutationObserver(() => setColours(read()));
    observer.observe(document.documentElement, {
      attributes: true,
      attributeFilter: ["data-theme", "style"],
    });
    return () => observer.disconnect();
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
