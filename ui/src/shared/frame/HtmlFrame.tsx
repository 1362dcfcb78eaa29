import { useEffect, useMemo, useRef, useState } from "react";

import { useDoor } from "../../ipc/context";
import { messageDocument } from "./frame";
import styles from "./HtmlFrame.module.css";
import { useFrameColours } from "./useFrameColours";

interface HtmlFrameProps {
  /** Its name for a screen reader. */
  label: string;
  /** The HTML, as the core made it safe. */
  html: string;
  /** The HTML's own pictures as `data:` addresses, by Content-ID. */
  ownPictures: ReadonlyMap<string, string>;
  /** True to load the pictures that the sender left on a server. */
  remotePictures?: boolean;
  /** Keys pressed while the frame has the keyboard. */
  onKey?: (event: KeyboardEvent) => void;
  /** The height until its own is known, in pixels. */
  startHeight: number;
}

/**
 * HTML that somebody else wrote, in a frame of its own. The frame's sandbox lets no script run, so this side may look
 * into it: for its height, and for the links that are pressed, which open in the browser.
 */
export function HtmlFrame({
  label,
  html,
  ownPictures,
  remotePictures = false,
  onKey,
  startHeight,
}: HtmlFrameProps) {
  const door = useDoor();
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(startHeight);
  const [target, setTarget] = useState<string | null>(null);
  const colours = useFrameColours();
  const page = useMemo(
    () => messageDocument(html, { remotePictures, ownPictures, colours }),
    [html, remotePictures, ownPictures, colours],
  );

  const [loads, setLoads] = useState(0);
  useEffect(() => {
    const inside = frame.current?.contentDocument ?? null;
    if (inside === null || loads === 0) {
      return undefined;
    }
    const { body, documentElement } = inside;
    // The outermost element: margins of the first and last paragraph stick out of the body.
    const measure = () => setHeight(Math.ceil(documentElement.getBoundingClientRect().height) + 8);
    const observer = new ResizeObserver(measure);
    observer.observe(body);
    measure();
    const follow = (event: Event) => {
      const link = linkOf(event);
      if (link !== null) {
        event.preventDefault();
        if (isWeb(link)) {
          void door.openExternal(link);
        }
      }
    };
    const point = (event: Event) => setTarget(linkOf(event));
    const heard: [EventTarget, string, (event: Event) => void][] = [
      [body, "click", follow],
      [body, "auxclick", follow],
      [body, "mouseover", point],
      [body, "focusin", point],
      [body, "mouseleave", () => setTarget(null)],
      [inside, "keydown", (event) => onKey?.(event as KeyboardEvent)],
    ];
    heard.forEach(([where, what, hear]) => where.addEventListener(what, hear));
    return () => {
      observer.disconnect();
      heard.forEach(([where, what, hear]) => where.removeEventListener(what, hear));
    };
  }, [loads, door, onKey]);

  return (
    <div className={styles.holder}>
      <iframe
        ref={frame}
        title={label}
        sandbox="allow-same-origin"
        referrerPolicy="no-referrer"
        srcDoc={page}
        className={styles.frame}
        style={{ blockSize: height }}
        onLoad={() => setLoads((count) => count + 1)}
      />
      {target !== null && (
        <div className={styles.target} aria-hidden="true">
          {target}
        </div>
      )}
    </div>
  );
}

function linkOf(event: Event): string | null {
  // An element of the frame is no `Element` of this window.
  const element = event.target as { closest?: (selector: string) => Element | null } | null;
  return element?.closest?.("a[href]")?.getAttribute("href") ?? null;
}

function isWeb(link: string): boolean {
  return /^https?:/i.test(link);
}
